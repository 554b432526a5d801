import type { TestContext } from 'node:test'
import { until } from '@reuse/testkit'
import type { Page } from 'playwright-core'

/** What people look for, and the page that should be the first result. */
const wanted: Record<string, RegExp> = {
  'graceful shutdown': /\/guide\/leaving#graceful-shutdown$/,
  'zero downtime': /\/guide\/leaving#zero-downtime/,
  'load balancing': /\/guide\/steering#load-balancing$/,
  nginx: /\/why-not#nginx$|\/guide\/exec#nginx$/,
  docker: /\/recipes\/docker#docker$|\/guide\/exec#docker$/,
  kubernetes: /\/recipes\/kubernetes#kubernetes$/,
  migrate: /\/recipes\/#migrate/,
  typescript: /\/guide\/typescript#typescript$/,
  NestJS: /\/recipes\/nestjs#nestjs$/,
  'Next.js': /\/recipes\/nextjs#next-js$/,
  'Socket.IO': /\/recipes\/socketio#/,
  troubleshooting: /\/troubleshooting#troubleshooting$/,
  EADDRINUSE: /\/errors#eaddrinuse$/,
  'port already in use': /\/errors#eaddrinuse$|\/troubleshooting#the-port-is-in-use/,
  'rolling restart': /\/guide\/leaving#zero-downtime/,
  'sticky sessions': /\/guide\/steering#sessions-in-memory$/,
  EACCES: /\/errors#eacces$/,
  ERR_REUSE_ADDON: /\/errors#/,
}

/** Types each of these into the search box of an open page, and checks the first result. */
export async function testSearch(t: TestContext, page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Search' }).click()
  const results = page.locator('.VPLocalSearchBox .result')
  // In one step: the results change while they are read.
  const first = async (): Promise<string> => {
    const addresses = await results.evaluateAll((all: { getAttribute(name: string): string }[]) =>
      all.map((result) => result.getAttribute('href')),
    )
    return addresses[0] ?? 'nothing'
  }
  for (const [words, address] of Object.entries(wanted)) {
    await t.test(words, async () => {
      await page.getByRole('searchbox').fill('')
      await until(async () => (await first()) === 'nothing')
      await page.getByRole('searchbox').fill(words)
      await until(async () => address.test(await first())).catch(async () => {
        throw new Error(`"${words}" finds ${await first()} first, and not ${address}`)
      })
    })
  }
}
