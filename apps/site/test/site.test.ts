/** The site is built once, and then checked. */
import { test } from 'node:test'
import { findChromium, startChromium } from '@reuse/testkit/chromium'
import { testFiles } from './built-files.js'
import { buildAndServe } from './built-site.js'
import { testInBrowser } from './in-browser.js'

const executable = findChromium()

test('the built site', async (t) => {
  const site = await buildAndServe((end) => t.after(end))
  await t.test('files of the built site', (files) => testFiles(files, site))
  await t.test(
    'pages of the built site in a browser',
    {
      skip: executable === null && 'no chromium on PATH, nor in CHROMIUM_PATH',
    },
    async (pages) => {
      const browser = await startChromium(executable ?? '')
      pages.after(() => browser.close())
      await testInBrowser(pages, { browser, site })
    },
  )
})
