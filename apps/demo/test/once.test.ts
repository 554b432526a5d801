import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import test from 'node:test'
import { capabilities } from '@reuse/core'
import { freePort, startNode, until } from '@reuse/testkit'
import { ask } from '../src/traffic.js'
import { allGone } from './processes.js'
import { readTable, startDemo } from './running-demo.js'

const unbalanced =
  capabilities.connections.exact !== 'balanced' && `${process.platform} does not balance`

test('--once prints who answered and leaves no process', { skip: unbalanced }, async (t) => {
  const port = await freePort()
  const demo = startDemo(t, ['--once'], port)
  assert.deepEqual(await demo.exit(), { code: 0, signal: null }, demo.output)

  const rows = readTable(demo.output)
  assert.deepEqual(
    rows.map(({ program }) => program),
    ['fastify', 'express', 'koa'],
  )
  assert.equal(new Set(rows.map(({ pid }) => pid)).size, 3)
  assert.ok(rows.every(({ requests }) => requests > 0))

  const all = rows.reduce((sum, { requests }) => sum + requests, 0)
  assert.equal(all, 600)
  assert.match(demo.output, /^600 requests answered, .* failed: none\.$/m)
  const shares = rows.reduce((sum, { share }) => sum + share, 0)
  assert.ok(Math.abs(shares - 100) < 0.2, `${shares} %`) // Each is rounded to 0.1.

  const queue = capabilities.peers ? /^\d+ of \d+$/ : /^-$/
  for (const row of rows) assert.match(row.queue, queue)
  assert.match(demo.output, new RegExp(`^3 programs share port ${port}\\. `, 'm'))
  await allGone(rows.map(({ pid }) => pid))
})

test('--once fails if a program gets no request', { skip: unbalanced }, async (t) => {
  const fixture = new URL('./fixtures/demo-with-mute.js', import.meta.url)
  const demo = startNode(t, fixture, { args: [String(await freePort())] })
  assert.deepEqual(await demo.exit(), { code: 1, signal: null }, demo.output)
  assert.match(demo.output, /^mute got nothing\.$/m)
  assert.match(demo.output, /^600 requests answered/m)
  await allGone(readTable(demo.output).map(({ pid }) => pid))
})

test('a port in use is an error that names the holder', async (t) => {
  const holder = net.createServer().listen(0, '127.0.0.1')
  t.after(() => holder.close())
  await once(holder, 'listening')
  const address = holder.address()
  assert.ok(typeof address === 'object' && address !== null)

  const demo = startDemo(t, ['--once'], address.port)
  assert.deepEqual(await demo.exit(), { code: 1, signal: null })
  assert.match(demo.output, new RegExp(`EADDRINUSE.* 127\\.0\\.0\\.1:${address.port}`))
  if (capabilities.peers) assert.match(demo.output, new RegExp(`pid ${process.pid}\\b`))
  assert.doesNotMatch(demo.output, /^ +at /m) // It is a message, not a stack trace.
})

test('a port that another program already shares counts as in use', async (t) => {
  const port = await freePort()
  const program = new URL('../src/programs/koa.js', import.meta.url)
  const koa = startNode(t, program, { args: [String(port)] })
  await until(async () => 'program' in (await ask(port)))

  const demo = startDemo(t, ['--once'], port)
  assert.deepEqual(await demo.exit(), { code: 1, signal: null })
  assert.match(demo.output, /EADDRINUSE/)
  if (capabilities.peers) assert.match(demo.output, new RegExp(`koa\\.js \\(pid ${koa.pid}\\b`))
})

for (const [args, port, message] of [
  [[], 'http', 'PORT must be an integer from 1 to 65535, got "http".'],
  [[], '0', 'PORT must be an integer from 1 to 65535, got "0".'],
  [[], '65536', 'PORT must be an integer from 1 to 65535, got "65536".'],
  [['--onec'], '', "Unknown option '--onec'. Known are --once and --help."],
  [['once'], '', "Unexpected argument 'once'. Known are --once and --help."],
] as const) {
  test(`wrong usage is refused: PORT=${port} npm start -- ${args}`, async (t) => {
    const demo = startDemo(t, [...args], port)
    assert.deepEqual(await demo.exit(), { code: 2, signal: null })
    assert.equal(demo.output.trim(), message)
  })
}

test('--help prints the options and PORT', async (t) => {
  const demo = startDemo(t, ['--help'], '')
  assert.deepEqual(await demo.exit(), { code: 0, signal: null })
  for (const name of ['--once', '--help', 'PORT']) assert.ok(demo.output.includes(`  ${name} `))
})
