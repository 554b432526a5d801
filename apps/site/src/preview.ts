import path from 'node:path'
import { findChromium, startChromium } from '@reuse/testkit/chromium'

/** The size that sites expect for a link's picture, in pixels. */
export const previewSize = { width: 1200, height: 630 }

/** What can be clicked, and everything below. */
const hidden = '.VPNav, .VPHero .actions, .VPHero ~ *'

/**
 * Takes the picture that is shown with a link to the site: the top of the home page.
 *
 * @param folder where the site was built, for the root of a host
 * @throws Error if there is no Chromium
 */
export async function takePreview(folder: string, file: string): Promise<void> {
  const executable = findChromium()
  if (executable === null) throw new Error('no chromium on PATH, nor in CHROMIUM_PATH')
  const browser = await startChromium(executable)
  try {
    const page = await browser.newPage({
      viewport: previewSize,
      javaScriptEnabled: false,
      reducedMotion: 'reduce',
    })
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url())
      return route.fulfill({ path: path.join(folder, pathname) })
    })
    await page.goto('http://localhost/index.html')
    await page.screenshot({ path: file, style: `${hidden} { display: none !important }` })
  } finally {
    await browser.close()
  }
}
