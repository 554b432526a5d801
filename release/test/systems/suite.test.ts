import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { needs } from '@reuse/testkit'
import type { Host } from '../../src/systems/host.js'
import type { Outcome } from '../../src/systems/outcome.js'
import { runSuite } from '../../src/systems/suite.js'

const needsLinux = needs('linux')

const files = {
  'good.test.js': `
    const { test } = require('node:test')
    test('passes', () => {})
    test('is skipped', { skip: 'no reason' }, () => {})`,
  'bad.test.js': `
    const { test } = require('node:test')
    test('passes too', () => {})
    test('fails', () => { throw new Error('on purpose') })`,
  'broken.test.js': `
    require('node:test').test('passes as well', () => {})
    setTimeout(() => process.abort(), 200)`,
  'endless.test.js': `
    require('node:test').test('never ends', () => new Promise(() => setInterval(() => {}, 1000)))`,
  'empty.test.js': '',
}

/** A package with compiled tests, and this Node to run them. */
function packageOf(t: TestContext, ...names: (keyof typeof files)[]): { root: string; host: Host } {
  const root = mkdtempSync(path.join(os.tmpdir(), 'reuse-systems-'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(path.join(root, 'dist/test'), { recursive: true })
  for (const name of names) writeFileSync(path.join(root, 'dist/test', name), files[name])
  const host: Host = {
    target: `test-${process.pid}`,
    node: process.version,
    through: '',
    command: [process.execPath],
    env: {},
    lacks: {},
    leaveOut: {},
  }
  return { root, host }
}

function later(milliseconds: number): number {
  return performance.now() + milliseconds
}

function results(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ result, test }) => `${result} ${test}`)
}

test('runSuite reports passed, skipped with reason, failed with error', needsLinux, async (t) => {
  const { root, host } = packageOf(t, 'good.test.js', 'bad.test.js')

  const heard: string[] = []
  const { outcomes, ran } = await runSuite(host, root, later(60_000), (file) => heard.push(file))

  assert.deepEqual(results(outcomes), [
    'passed passes too',
    'failed fails',
    'passed passes',
    'skipped is skipped',
  ])
  const [, failed, , skipped] = outcomes
  assert.match(failed?.result === 'failed' ? failed.why : '', /on purpose/)
  assert.equal(skipped?.result === 'skipped' && skipped.why, 'no reason')
  assert.equal(ran, '2 test files')
  assert.deepEqual(heard, ['bad.test.js', 'bad.test.js, once more', 'good.test.js'])
})

test(
  'a file that fails once is reported as unsteady, and its second run counts',
  needsLinux,
  async (t) => {
    const { root, host } = packageOf(t)
    const body = `
    const fs = require('node:fs')
    require('node:test').test('fails at first', () => fs.closeSync(fs.openSync('begun', 'r')))`
    // Only the second run finds what the first has left.
    const leave = `\n    process.on('exit', () => fs.writeFileSync('begun', ''))`
    writeFileSync(path.join(root, 'dist/test/late.test.js'), body + leave)
    writeFileSync(path.join(root, 'dist/test/fuzz.test.js'), body.replaceAll('begun', 'never'))

    const { outcomes, unsteady } = await runSuite(host, root, later(60_000), () => {})

    assert.deepEqual(results(outcomes), ['failed fails at first', 'passed fails at first'])
    assert.equal(unsteady?.length, 1)
    assert.match(unsteady[0]?.why ?? '', /ENOENT.*begun/)
  },
)

test('a test file that crashes, or has no test, is a failure', needsLinux, async (t) => {
  const { root, host } = packageOf(t, 'broken.test.js', 'empty.test.js')

  const { outcomes } = await runSuite(host, root, later(60_000), () => {})

  const failed = outcomes.filter(({ result }) => result === 'failed').map(({ test }) => test)
  assert.deepEqual(failed, ['dist/test/broken.test.js', 'dist/test/empty.test.js'])
})

test(
  'files that run out of time are cut off or not started, and count as failures',
  needsLinux,
  async (t) => {
    const { root, host } = packageOf(t, 'endless.test.js', 'good.test.js')

    const { outcomes } = await runSuite(host, root, later(1500), () => {})

    const reasons = outcomes.map((outcome) => (outcome.result === 'failed' ? outcome.why : ''))
    assert.match(reasons[0] ?? '', /^not done in 1\.\d* s/)
    assert.equal(reasons[1], 'not begun: the time was up')
    assert.equal(outcomes.length, 2)
  },
)

test('runSuite can leave out files, or run only chosen ones', needsLinux, async (t) => {
  const { root, host } = packageOf(t, 'good.test.js', 'bad.test.js')

  const without = { ...host, leaveOut: { 'bad.test.js': 'it fails' } }
  const run = await runSuite(without, root, later(60_000), () => {})
  assert.deepEqual(results(run.outcomes), ['passed passes', 'skipped is skipped'])
  assert.deepEqual(run.notRun, ['bad.test.js: it fails'])

  const chosen = await runSuite({ ...host, only: ['bad.test.js'] }, root, later(60_000), () => {})
  assert.equal(chosen.ran, '1 test files of 2, chosen to save time')

  const wrong = runSuite({ ...host, only: ['no.test.js'] }, root, later(60_000), () => {})
  await assert.rejects(wrong, /there is no test file no\.test\.js/)
})

test('TEST_LACKS tells tests what their host lacks', needsLinux, async (t) => {
  const { root, host } = packageOf(t)
  const file = path.join(root, 'dist/test/lacks.test.js')
  writeFileSync(
    file,
    `require('node:test').test('lacks', () => {
      require('node:assert').deepEqual(JSON.parse(process.env.TEST_LACKS), { peers: 'why' })
    })`,
  )
  const lacking = { ...host, lacks: { peers: 'why' } }
  const { outcomes } = await runSuite(lacking, root, later(60_000), () => {})
  assert.deepEqual(results(outcomes), ['passed lacks'])
})
