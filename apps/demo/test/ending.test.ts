import assert from 'node:assert/strict'
import test from 'node:test'
import type { Fixture } from '@reuse/testkit'
import { allGone, childrenOf, isRunning } from './processes.js'
import { freePort, startDemo, startPage } from './running-demo.js'
import { until } from './until.js'

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the demo and its programs`, async (t) => {
    const { demo, pids } = await startPage(t)
    assert.equal(pids.length, 3)
    assert.ok(pids.every(isRunning))
    assert.deepEqual(await demo.end(signal), { code: 0, signal: null })
    assert.ok(!pids.some(isRunning), 'it waits for the programs before it ends')
    assert.match(demo.output, /^Ending the programs\.$/m)
  })
}

test('the programs end with a demo that is killed', async (t) => {
  const { demo, pids } = await startPage(t)
  assert.ok(pids.every(isRunning))
  assert.deepEqual(await demo.end('SIGKILL'), { code: null, signal: 'SIGKILL' })
  await allGone(pids)
})

const notLinux = process.platform !== 'linux' && 'it looks for the children in /proc'

test('even while they start', { skip: notLinux }, async (t) => {
  const demo = startDemo(t, [], await freePort())
  const pids = await threeChildren(demo)
  await demo.end('SIGKILL')
  await allGone(pids)
})

test('an interrupted --once is no success', { skip: notLinux }, async (t) => {
  const preload = new URL('./fixtures/never-ready.js', import.meta.url)
  const env = { NODE_OPTIONS: `--import=${preload}` }
  const demo = startDemo(t, ['--once'], await freePort(), env)
  const pids = await threeChildren(demo)
  assert.deepEqual(await demo.end('SIGINT'), { code: 130, signal: null }, demo.output)
  assert.ok(!pids.some(isRunning))
})

async function threeChildren(demo: Fixture): Promise<number[]> {
  return until('three children', () => {
    const children = childrenOf(demo.pid)
    return children.length === 3 && children
  })
}

test('a program that hangs does not keep the demo from ending', async (t) => {
  const { demo, pids } = await startPage(t)
  const [hanging] = pids
  assert.ok(hanging !== undefined)
  process.kill(hanging, 'SIGSTOP')
  assert.deepEqual(await demo.end('SIGINT'), { code: 0, signal: null })
  assert.ok(!pids.some(isRunning))
})
