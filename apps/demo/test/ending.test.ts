import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { type Fixture, freePort, startFixture, until } from '@reuse/testkit'
import { allGone, childrenOf, descendantsOf, isRunning } from './processes.js'
import { main, pageOf, startDemo, startPage } from './running-demo.js'

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

test('the programs end when the demo is killed', async (t) => {
  const { demo, pids } = await startPage(t)
  assert.ok(pids.every(isRunning))
  assert.deepEqual(await demo.end('SIGKILL'), { code: null, signal: 'SIGKILL' })
  await allGone(pids)
})

const notLinux = process.platform !== 'linux' && 'it looks for the children in /proc'

test('SIGTERM to npm start ends the demo and its programs', { skip: notLinux }, async (t) => {
  // As `npm start` at the root, without its install and build.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'demo-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const steps = new URL('../../../../scripts/steps.js', import.meta.url)
  const start = `import { runProgram } from '${steps}'\nawait runProgram('${main}', [])\n`
  writeFileSync(path.join(folder, 'start.mjs'), start)
  const manifest = { private: true, scripts: { start: 'node start.mjs' } }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))

  const env = { PORT: String(await freePort()) }
  const npm = startFixture(t, ['npm', 'start'], { cwd: folder, env })
  await pageOf(npm)
  const all = descendantsOf(npm.pid)
  t.after(() => all.filter(isRunning).forEach((pid) => void process.kill(pid, 'SIGKILL')))
  assert.ok(all.length >= 5, `a script, the demo, three programs: ${all}`)
  await npm.end('SIGTERM')
  await allGone(all)
})

test('programs that are starting end when the demo is killed', { skip: notLinux }, async (t) => {
  const demo = startDemo(t, [], await freePort())
  const pids = await threeChildren(demo)
  await demo.end('SIGKILL')
  await allGone(pids)
})

test('--once ends with exit code 130 if it is interrupted', { skip: notLinux }, async (t) => {
  const preload = new URL('./fixtures/never-ready.js', import.meta.url)
  const env = { NODE_OPTIONS: `--import=${preload}` }
  const demo = startDemo(t, ['--once'], await freePort(), env)
  const pids = await threeChildren(demo)
  assert.deepEqual(await demo.end('SIGINT'), { code: 130, signal: null }, demo.output)
  assert.ok(!pids.some(isRunning))
})

async function threeChildren(demo: Fixture): Promise<number[]> {
  return until(() => {
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
