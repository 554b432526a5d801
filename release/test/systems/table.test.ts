import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingPackages } from '../../src/debian/packages.js'
import { essential } from '../../src/systems/essential.js'
import { lanes, neverRun } from '../../src/systems/lanes.js'
import { countOutcomes, type Run } from '../../src/systems/outcome.js'
import { systemsTable } from '../../src/systems/table.js'
import { testTargets } from '../../src/systems/test-targets.js'
import { binaryTargets, targetName } from '../../src/targets.js'

const run: Run = {
  target: 'plan9-x64',
  node: '24',
  through: 'an emulator',
  ran: '3 test files',
  outcomes: [
    { result: 'passed', test: 'one' },
    { result: 'failed', test: 'two', why: 'a reason' },
    { result: 'skipped', test: 'three', why: 'it has no sockets' },
    { result: 'skipped', test: 'four', why: 'it has no sockets' },
  ],
  notRun: ['five.test.js: it takes hours'],
}

test('the table of systems counts results, and says what did not run and why', () => {
  assert.deepEqual(countOutcomes(run.outcomes), { passed: 1, failed: 1, skipped: 2 })
  const lines = systemsTable([run], ['darwin-x64']).split('\n')
  const row = lines.find((line) => line.includes('an emulator')) ?? ''
  assert.deepEqual(
    row.split('│').map((cell) => cell.trim()),
    ['', 'plan9-x64', '24', 'an emulator', '3 test files', '1', '1', '2', ''],
  )
  assert.ok(lines.includes('plan9-x64: skipped, it has no sockets (2 times)'))
  assert.ok(lines.includes('plan9-x64: not run, five.test.js: it takes hours'))
  assert.ok(lines.includes('darwin-x64: never executed here; its headers are checked'))
})

test('every binary is either run or listed as never run', () => {
  // The lanes on demand run some of them again, under other kernels.
  const always = lanes.filter(({ onDemand }) => !onDemand)
  const named = [...always.map(({ target }) => target), ...neverRun].sort()
  assert.deepEqual(named, binaryTargets.map(targetName).sort())
})

test('a package counts as missing if its file does not exist', () => {
  const packages = [
    { name: 'node', file: process.execPath },
    { name: 'nothing', file: '/no/such/file' },
  ]
  assert.deepEqual(missingPackages(packages), ['nothing'])
})

test('the essential files are test files, each listed once', () => {
  assert.ok(essential.every((file) => file.endsWith('.test.js')))
  assert.equal(new Set(essential).size, essential.length)
})

test('a target that cannot run here is refused', async () => {
  await assert.rejects(testTargets({ targets: ['win32-arm64'] }), /linux-x64/)
})
