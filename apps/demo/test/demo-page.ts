import { until } from '@reuse/testkit'
import type { Page } from 'playwright-core'

/** What the page shows about a program, all at one moment. */
export function readProgram(page: Page, group: string, program: string) {
  const row = sectionOf(page, group).locator(`[data-program=${program}]`)
  return row.evaluate((element) => {
    const text = (selector: string): string => element.querySelector(selector)?.textContent ?? ''
    const number = (selector: string): number => Number(text(selector).replace(/[,%]/g, ''))
    return {
      state: text('.state'),
      pid: text('.pid'),
      share: number('.share'),
      perSecond: number('.facts .per-second'),
      answered: number('.answered'),
      queue: text('.queue'),
    }
  })
}

/** One figure of a group, or its sentence. */
export async function readGroup(page: Page, group: string, selector: string): Promise<string> {
  return (await sectionOf(page, group).locator(selector).first().textContent()) ?? ''
}

function sectionOf(page: Page, group: string) {
  return page.locator('.group', { has: page.getByRole('heading', { name: group }) })
}

/** Presses a button, and waits for the result: how many requests failed, by group. */
export async function press(page: Page, button: string, program?: string) {
  if (program !== undefined) await page.getByRole('combobox').selectOption(program)
  await page.locator('button[aria-disabled=false]', { hasText: button }).click()
  await until(async () => (await readResult(page)).endsWith('…'))
  const result = await until(async () => {
    const text = await readResult(page)
    return text.includes(', done:') && text
  })
  const lines = result.matchAll(/^(With .*): (\d+) of \d+ requests failed/gm)
  return new Map(Array.from(lines, ([, group = '', failed]) => [group, Number(failed)]))
}

async function readResult(page: Page): Promise<string> {
  return (await page.getByRole('status').textContent()) ?? ''
}
