import assert from 'node:assert/strict'
import test from 'node:test'
import { findChromium, startChromium } from '@reuse/testkit/chromium'
import type { Page } from 'playwright-core'
import { startPage } from './running-demo.js'
import { until } from './until.js'

const executable = findChromium()
const skip = executable === null && 'no chromium on PATH, nor in CHROMIUM_PATH'

async function read(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? ''
}

/** What the page shows of a program. */
async function readProgram(page: Page, program: string) {
  const row = `[data-program=${program}]`
  const number = async (selector: string): Promise<number> => {
    return Number((await read(page, `${row} ${selector}`)).replace(/[,%]/g, ''))
  }
  return {
    state: await read(page, `${row} .state`),
    share: await number('.share'),
    bar: (await page.locator(`${row} .bar > div`).boundingBox())?.width,
    pid: await read(page, `${row} .pid`),
    perSecond: await number('.per-second'),
    answered: await number('.answered'),
    queue: await read(page, `${row} .queue`),
  }
}

test('the page shows, stops and starts the programs', { skip }, async (t) => {
  assert.ok(executable)
  const { demo, url, port, pids } = await startPage(t)
  const browser = await startChromium(executable)
  t.after(() => browser.close())
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(url)

  await t.test('three programs get their share', async () => {
    for (const [index, program] of ['fastify', 'express', 'koa'].entries()) {
      const shown = await until(`a share of ${program}`, async () => {
        const now = await readProgram(page, program)
        return now.share > 0 && now.bar !== 0 && now
      })
      assert.equal(shown.state, 'running')
      assert.equal(shown.pid, String(pids[index]))
      if (process.platform === 'linux') assert.match(shown.queue, /^\d+ of \d+$/)
    }
    const sentence = await read(page, '#sentence')
    assert.match(sentence, new RegExp(`^3 programs share port ${port}\\.`))
  })

  await t.test('one is stopped, the others get its requests', async () => {
    await page.getByRole('button', { name: 'Stop express' }).click()
    await until('express stopped, with no share', async () => {
      const { state, share, bar } = await readProgram(page, 'express')
      return state === 'stopped' && share === 0 && bar === 0
    })
    const before = await Promise.all(
      ['fastify', 'koa'].map((program) => readProgram(page, program)),
    )
    const stopped = await readProgram(page, 'express')
    await until('more requests of the others', async () => {
      const now = await Promise.all(['fastify', 'koa'].map((program) => readProgram(page, program)))
      return now.every(({ answered }, index) => answered > (before[index]?.answered ?? 0))
    })
    assert.deepEqual(await readProgram(page, 'express'), stopped)
    assert.equal(stopped.pid, '–')
    assert.match(await read(page, '#sentence'), /^2 programs share/)
  })

  await t.test('it is started again with the keyboard, and gets requests', async () => {
    const { answered } = await readProgram(page, 'express')
    const button = page.getByRole('button', { name: 'Start express' })
    await button.focus()
    await page.keyboard.press('Enter')
    await until('requests for express', async () => {
      const now = await readProgram(page, 'express')
      return now.state === 'running' && now.share > 0 && now.answered > answered
    })
    const focused = await page.locator(':focus').getAttribute('aria-label')
    assert.equal(focused, 'Stop express', 'the button keeps the focus')
  })

  await t.test('a program that is killed shows how it ended', async () => {
    process.kill(Number((await readProgram(page, 'koa')).pid), 'SIGKILL')
    await until('koa stopped', async () => {
      return (await readProgram(page, 'koa')).state === 'stopped (SIGKILL)'
    })
  })

  assert.deepEqual(complaints, [])

  await t.test('it says when the demo is gone', async () => {
    assert.deepEqual(await demo.end('SIGINT'), { code: 0, signal: null })
    await page.getByRole('alert').filter({ hasText: 'The demo has ended' }).waitFor()
  })
})
