import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { capabilities } from '@reuse/core'
import { installNode, until } from '@reuse/testkit'
import { findChromium, startChromium } from '@reuse/testkit/chromium'
import { whyNotBare } from '../src/bare.js'
import { press, readGroup, readProgram } from './demo-page.js'
import { startPage } from './running-demo.js'

const executable = findChromium()
const skip =
  (executable === null && 'no chromium on PATH, nor in CHROMIUM_PATH') ||
  (!capabilities.holders && `on ${process.platform} a listener ends with its process`)

const reuse = 'With @reuse'
const bare = 'With bare reusePort'
const names = ['fastify', 'express', 'koa']

/** Starts the demo and opens its page; what the browser complains about is a failure. */
async function open(t: TestContext, node: string) {
  assert.ok(executable)
  const demo = await startPage(t, node)
  const browser = await startChromium(executable)
  t.after(() => browser.close())
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(demo.url)
  const readAll = (program: string) =>
    Promise.all([reuse, bare].map((group) => readProgram(page, group, program)))
  return { ...demo, page, complaints, readAll }
}

test('the page with @reuse beside bare reusePort', { skip }, async (t) => {
  // If this Node lacks reusePort, another one is installed.
  const node = (await whyNotBare()) === null ? process.execPath : await installNode('24')
  const { demo, page, port, pids, complaints, readAll } = await open(t, node)

  await t.test('three programs of each group get their share', async () => {
    for (const [index, name] of names.entries()) {
      const [ours] = await until(async () => {
        const both = await readAll(name)
        return both.every(({ state, share }) => state === 'running' && share > 0) && both
      })
      assert.equal(ours?.pid, String(pids[index]))
      assert.match(ours.queue, /^\d+ of \d+$/)
    }
    const sentence = new RegExp(`^3 programs share port ${port}\\. .* loses nothing\\.$`)
    assert.match(await readGroup(page, reuse, '.sentence'), sentence)
    assert.match(
      await readGroup(page, bare, '.sentence'),
      /^3 programs share port \d+\. .* reset\.$/,
    )
  })

  await t.test('Restart all: only the bare group loses requests', async () => {
    // It may be that nobody waits at a restart.
    await until(async () => {
      const failed = await press(page, 'Restart all')
      assert.equal(failed.get(reuse), 0)
      return (failed.get(bare) ?? 0) > 0
    })
    assert.equal(await readGroup(page, reuse, '.failed'), '0')
    assert.match(await readGroup(page, bare, '.reasons'), /^\d+ × /)
    for (const [index, name] of names.entries()) {
      const both = await readAll(name)
      assert.ok(both.every(({ state }) => state === 'running'))
      assert.notEqual(both[0]?.pid, String(pids[index]), `${name} is another process`)
    }
  })

  await t.test('Stop: a stopped program has no share, the others get its requests', async () => {
    const stopped = press(page, 'Stop', 'express')
    for (const group of [reuse, bare]) {
      const first = await until(async () => {
        const now = await readProgram(page, group, 'express')
        return now.state === 'stopped' && now
      })
      // It answered a moment ago, which no longer counts as its share.
      assert.deepEqual([first.share, first.perSecond, first.pid], [0, 0, '–'])
    }
    assert.equal((await stopped).get(reuse), 0)

    const before = await Promise.all(names.map(readAll))
    await until(async () => {
      const now = await Promise.all(['fastify', 'koa'].map(readAll))
      const answered = (both: typeof now) => both.flat().map((program) => program.answered)
      const past = answered([before[0] ?? [], before[2] ?? []])
      return answered(now).every((count, index) => count > (past[index] ?? 0))
    })
    assert.deepEqual(await readAll('express'), before[1])
    assert.match(await readGroup(page, reuse, '.sentence'), /^2 programs share/)
  })

  await t.test(
    'Start, with the keyboard: the program gets requests, the button keeps focus',
    async () => {
      const before = await readAll('express')
      const start = page.getByRole('button', { name: 'Start', exact: true })
      await start.focus()
      await page.keyboard.press('Enter')
      await until(async () => {
        const now = await readAll('express')
        return now.every(({ state, share, answered }, index) => {
          return state === 'running' && share > 0 && answered > (before[index]?.answered ?? 0)
        })
      })
      await until(async () => {
        return (await page.locator(':focus').textContent()) === 'Stop'
      })
    },
  )

  await t.test('Kill: a program ends by SIGKILL and starts again', async () => {
    const before = await readAll('koa')
    const killed = press(page, 'Kill', 'koa')
    await until(async () => {
      const now = await readAll('koa')
      return now.every(({ state, share }) => state === 'stopped (SIGKILL)' && share === 0)
    })
    assert.equal((await killed).size, 2)
    const after = await readAll('koa')
    for (const [index, { state, pid }] of after.entries()) {
      assert.equal(state, 'running')
      assert.notEqual(pid, before[index]?.pid)
    }
  })

  await t.test('Stall: a program is shown as stalled, and runs again', async () => {
    const stalled = press(page, 'Stall', 'fastify')
    await until(async () => {
      return (await readAll('fastify')).every(({ state }) => state === 'stalled')
    })
    assert.equal((await stalled).size, 2)
    assert.ok((await readAll('fastify')).every(({ state }) => state === 'running'))
  })

  await t.test('the page shows how a program that was killed elsewhere ended', async () => {
    process.kill(Number((await readProgram(page, reuse, 'koa')).pid), 'SIGKILL')
    await until(async () => {
      return (await readProgram(page, reuse, 'koa')).state === 'stopped (SIGKILL)'
    })
  })

  await t.test('the page is no wider than the window', async () => {
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
    }
  })

  assert.deepEqual(complaints, [])

  await t.test('the page says when the demo has ended', async () => {
    assert.deepEqual(await demo.end('SIGINT'), { code: 0, signal: null })
    await page.getByRole('alert').filter({ hasText: 'The demo has ended' }).waitFor()
  })
})

const lacking = (await whyNotBare()) === null && 'this Node has reusePort'

test('a note says if Node has no reusePort', { skip: skip || lacking }, async (t) => {
  const { page, complaints } = await open(t, process.execPath)
  await page.getByText(`This Node (${process.version} on`).waitFor()
  assert.equal(await page.locator('.group').count(), 1)
  const failed = await press(page, 'Restart all')
  assert.deepEqual([...failed], [[reuse, 0]])
  assert.deepEqual(complaints, [])
})
