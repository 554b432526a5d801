import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readCommandLine, UsageError } from '../src/command-line.js'
import { scenarios } from '../src/scenarios/index.js'
import { sides } from '../src/sides/index.js'

test('without arguments, all scenarios and all sides are selected', () => {
  const line = readCommandLine([])
  assert.deepEqual(line.scenarios, [...scenarios.values()])
  assert.deepEqual(line.sides, [...sides.values()])
  assert.equal(line.full, false)
  assert.ok(!('rounds' in line) && !('node' in line) && !('json' in line))
})

test('scenarios and options on the command line are read', () => {
  const args = 'scale cost --peer single --peer nginx --rounds 3 --seconds 0.5 --full --json a.json'
  const line = readCommandLine(args.split(' '))
  assert.deepEqual(
    line.scenarios.map(({ name }) => name),
    ['scale', 'cost'],
  )
  assert.deepEqual(
    line.sides.map(({ name }) => name),
    ['single', '@reuse', 'nginx'],
  )
  const { rounds, seconds, full, json } = line
  assert.deepEqual(
    { rounds, seconds, full, json },
    { rounds: 3, seconds: 0.5, full: true, json: 'a.json' },
  )
})

const refused = {
  thruput: /no scenario "thruput"; there are throughput, connections, /,
  '--peer apache': /no peer "apache"; there are single, @reuse, /,
  '--rounds none': /--rounds must be an integer above 0, got "none"/,
  '--rounds 2.5': /--rounds must be an integer above 0, got "2.5"/,
  '--seconds 0': /--seconds must be a number above 0, got "0"/,
  '--rounds Infinity': /--rounds must be/,
  '--fast': /'--fast'/,
}

for (const [args, message] of Object.entries(refused)) {
  test(`wrong arguments are refused: ${args}`, () => {
    assert.throws(
      () => readCommandLine(args.split(' ')),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  })
}

test('wrong arguments print an error and the usage, with exit code 2', () => {
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'thruput'], {
    encoding: 'utf8',
  })
  assert.equal(status, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /^there is no scenario "thruput".*\n\nUsage: npm run bench/)
})
