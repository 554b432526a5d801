import { createRequire } from 'node:module'
import { until } from '@reuse/testkit'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { BuiltSite } from './built-site.js'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export interface Opened {
  browser: Browser
  site: BuiltSite
}

export const sizes = {
  desk: { width: 1280, height: 800 },
  phone: { width: 375, height: 740 },
}

/** Opens a page, and records all its complaints and all requests to other sites. */
export async function open({ browser, site }: Opened, options: BrowserContextOptions) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  return { context, ...(await openPage(context, site)) }
}

export async function openPage(context: BrowserContext, site: BuiltSite) {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${site.origin}/`)) {
      complaints.push(`it asks for ${request.url()}`)
    }
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} of ${response.url()}`)
  })
  return { page, complaints }
}

export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url)
  // Vue has taken over the page: from now on its buttons do something.
  await page.waitForFunction('document.querySelector("#app").__vue_app__')
}

interface Violation {
  id: string
  help: string
  nodes: { target: string[] }[]
}

/** What axe finds against WCAG 2.1 AA. The search button is not ours. */
export async function inaccessible(page: Page, rules: object = everyRule): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ path: axe })
  const what = { exclude: [['.DocSearch']] }
  const violations: Violation[] = await page.evaluate(
    `axe.run(${JSON.stringify(what)}, ${JSON.stringify(rules)}).then((found) => found.violations)`,
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id} (${help}): ${target.join(' ')}`),
  )
}

const everyRule = {
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
}
/** For a page with thousands of cells, which take long to compare with their background. */
export const structure = { ...everyRule, rules: { 'color-contrast': { enabled: false } } }
export const contrast = { resultTypes: ['violations'], runOnly: ['color-contrast'] }

/** Waits for a count: a page takes a moment to draw what it was told. */
export async function counts(locator: Locator, count: number): Promise<void> {
  await until(
    async () => (await locator.count()) === count,
    () => `there are not ${count} of ${locator}`,
  )
}

export function widthOf(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth')
}
