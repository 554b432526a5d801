/** The programs of the guide run exactly as they are there. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import net from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { peers } from '@reuse/core'
import { countAnswers, freePort, request, startFixture } from '@reuse/testkit'
import packet from 'dns-packet'
import { says, startProgram } from './programs.js'
import { snippets, writeFiles } from './snippets.js'

const skip = process.platform !== 'linux' && 'only Linux balances, and tells of the others'
const leave = { page: 'guide/leaving.md', name: 'leave.mjs' }

test('the guide’s leave.mjs reports a lossless leave', { skip }, async (t) => {
  const port = await freePort()
  const [first, second] = [await startProgram(t, leave, port), await startProgram(t, leave, port)]
  assert.deepEqual(await first.end(), { code: 0, signal: null })
  assert.match(first.output, /lossless: true,[\s\S]*successors: 1,/)
  assert.equal(await request({ port }), `${second.pid}\n`)
})

test('the guide’s canary gets few connections, and all once it is alone', { skip }, async (t) => {
  const port = await freePort()
  const old = await startProgram(t, leave, port)
  const canary = await startProgram(t, { page: 'guide/steering.md', name: 'canary.mjs' }, port)
  const counts = await countAnswers({ port }, 500)
  const few = counts.get(`new, ${canary.pid}\n`) ?? 0
  // Of 500, 5 are expected; 30 happen once in 10^13 times.
  assert.ok(few < 30, `${few} of 500`)
  assert.equal(counts.get(`${old.pid}\n`), 500 - few)
  await old.end()
  assert.equal(await request({ port }), `new, ${canary.pid}\n`)
})

test('the guide’s who.mjs lists who listens on a port', { skip }, async (t) => {
  const port = await freePort()
  const server = await startProgram(t, leave, port)
  const lister = startFixture(t, [process.execPath, 'who.mjs'], {
    cwd: writeFiles('guide/who.md'),
    env: { PORT: String(port) },
  })
  assert.deepEqual(await lister.exit(), { code: 0, signal: null })
  assert.match(lister.output, new RegExp(`^${server.pid} node leave.mjs on ::: 0 of 511 wait`))
})

test('an exclusive server keeps others out', async (t) => {
  const port = await freePort()
  const alone = { page: 'guide/alone.md', name: 'alone.mjs' }
  await startProgram(t, alone, port)
  const other = startFixture(t, [process.execPath, 'alone.mjs'], {
    cwd: writeFiles(alone.page),
    env: { PORT: String(port) },
  })
  await says(other, /EADDRINUSE.*\n.*asked for the port alone/)
})

test('two UDP programs share a port', { skip }, async (t) => {
  const port = await freePort()
  const file = { page: 'guide/udp.md', name: 'udp.mjs' }
  const programs = [await startProgram(t, file, port), await startProgram(t, file, port)]
  const holders = (await peers({ port, protocol: 'udp' })).map(({ pid }) => pid)
  assert.deepEqual(new Set(holders), new Set(programs.map(({ pid }) => pid)))
  for (const one of programs) assert.deepEqual(await one.end(), { code: 0, signal: null })
})

test('two DNS servers share a port, over UDP and TCP', { skip }, async (t) => {
  const port = await freePort()
  const file = { page: 'guide/udp.md', name: 'dns.mjs' }
  const programs = [await startProgram(t, file, port), await startProgram(t, file, port)]
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${port}`])
  const ask = () => resolver.resolve4('example.test')
  for (const answer of await Promise.all(Array.from({ length: 20 }, ask))) {
    assert.deepEqual(answer, ['192.0.2.1'])
  }
  const socket = net.connect(port, '127.0.0.1')
  socket.end(
    packet.streamEncode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'a.test' }] }),
  )
  const { id, answers } = packet.streamDecode(await buffer(socket))
  assert.deepEqual([id, answers?.length], [7, 1])
  for (const one of programs) assert.deepEqual(await one.end(), { code: 0, signal: null })
})

test('the guide’s connect.mjs connects from the port it listens on', async (t) => {
  const from: unknown[] = []
  const server = net.createServer((socket) => from.push(socket.resume().remotePort))
  server.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const program = startFixture(t, [process.execPath, 'connect.mjs'], {
    cwd: writeFiles('guide/sockets.md'),
    env: { PORT: String(address.port) },
  })
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  assert.match(program.output, new RegExp(`connected from ${from[0]},`))
})

test('a server created by other code is shared', async (t) => {
  const port = await freePort()
  const file = { page: 'guide/sockets.md', name: 'other-code.mjs' }
  const programs = [await startProgram(t, file, port), await startProgram(t, file, port)]
  for (const one of programs) assert.deepEqual(await one.end(), { code: 0, signal: null })
})

test('every JavaScript snippet on the pages can be parsed', async (t) => {
  for (const { page, code } of snippets.filter(({ language }) => language === 'js')) {
    await t.test(`${page} can be parsed: ${code.split('\n')[0]}`, () => {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '--check', '-'],
        { input: code, encoding: 'utf8' },
      )
      assert.equal(status, 0, stderr)
    })
  }
})
