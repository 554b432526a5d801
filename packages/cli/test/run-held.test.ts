/** The manager holds the workers' listeners: the port stays open when no worker is left. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { freePort, request, startStorm, until } from '@reuse/testkit'
import { AppFolder, plainPython, serverText, untilPrinted } from './apps.js'
import { list, needsLinux, needsPython } from './programs.js'

/** Waits until the manager holds the listeners of all workers too. */
async function untilHeld(port: number, manager: number, count: number): Promise<void> {
  await until(async () => {
    const held = (await list(port)).filter(({ holders }) => holders.includes(manager))
    return held.length === count
  })
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL')
}

test('connections made while all workers are dead wait for the next', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const manager = folder.run('-n', 2, folder.write('server.cjs', serverText(port)))
  for (let count = 0; count < 3; count++) {
    const before = await folder.untilReady('server', 2)
    await untilHeld(port, manager.pid, 2)
    kill(before)
    const answers = await Promise.all(Array.from({ length: 20 }, () => request({ port })))
    const after = await folder.untilReady('server', 2)
    assert.ok(after.every((pid) => !before.includes(pid)))
    for (const answer of answers) assert.ok(after.includes(Number(answer)))
  }
})

test('connections wait while all workers of a Python program are dead', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const manager = folder.run('-n', 2, '--name', 'py', '--', 'python3', plainPython, port)
  const before = await folder.untilReady('py', 2)
  await untilHeld(port, manager.pid, 2)
  // With all that each worker has started, the program itself included.
  for (const pid of before) process.kill(-pid, 'SIGKILL')
  const answers = await Promise.all(Array.from({ length: 20 }, () => request({ port })))
  assert.deepEqual(new Set(answers), new Set(['ok']))
})

test(
  'the next worker of a Python program takes over the listener of a crashed one',
  needsPython,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    const manager = folder.run('-n', 2, '--name', 'py', '--', 'python3', plainPython, port)
    const [first = 0] = await folder.untilReady('py', 2)
    await untilHeld(port, manager.pid, 2)
    const before = await inodesOf(port)
    const storm = await startStorm(t, { port, clients: 8 })
    process.kill(-first, 'SIGKILL')
    await folder.until('py', ({ workers }) => workers[0]?.restarts === 1)
    await folder.untilReady('py', 2)
    const { answered, failed } = await storm.stop()
    // Only what the killed worker had accepted itself.
    assert.ok(
      Object.values(failed).reduce((sum, count) => sum + count, 0) <= 8,
      JSON.stringify(failed),
    )
    assert.ok(answered > 0)
    assert.deepEqual(await inodesOf(port), before)
  },
)

test('the listener of a worker that cannot restart leaves the group', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const broken = `${folder.path}/broken`
  const program = ['sh', '-c', `test ! -e ${broken} && exec python3 ${plainPython} ${port}`]
  const manager = folder.run('-n', 2, '--name', 'py', '--', ...program)
  const [first = 0] = await folder.untilReady('py', 2)
  await untilHeld(port, manager.pid, 2)
  fs.writeFileSync(broken, '')
  process.kill(-first, 'SIGKILL')
  await until(async () => (await list(port)).some(({ orphan }) => orphan))
  // Some of these wait at the orphan, and are refused when it is closed. What comes after that is answered.
  await Promise.allSettled(Array.from({ length: 20 }, () => request({ port })))
  await until(async () => (await list(port)).length === 1)
  const answers = await Promise.all(Array.from({ length: 20 }, () => request({ port })))
  assert.deepEqual(new Set(answers), new Set(['ok']))
  // The next worker that starts has its own listener.
  fs.rmSync(broken)
  await folder.untilReady('py', 2)
  assert.equal((await list(port)).length, 2)
})

async function inodesOf(port: number): Promise<number[]> {
  return (await list(port)).map(({ inode }) => inode).sort()
}

test('a worker whose event loop is blocked is replaced', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const blocking = serverText(
    port,
    `const { watch } = require('node:fs')
watch('.', (_, name) => { if (name === 'block-' + process.pid) for (;;); })`,
  )
  const manager = folder.run('-n', 2, '--hang-timeout', 2, folder.write('server.cjs', blocking))
  const [first = 0, second = 0] = await folder.untilReady('server', 2)
  fs.writeFileSync(`${folder.path}/block-${first}`, '')
  await untilPrinted(
    manager,
    new RegExp(`pid ${first}\\).*it did not answer for 2 s, and was killed`),
  )
  const after = await folder.untilReady('server', 2)
  assert.ok(!after.includes(first) && after.includes(second))
})

test('connections are refused after --hold-timeout without workers', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const script = folder.write('server.cjs', serverText(port))
  const manager = folder.run('--hold-timeout', 1, script)
  const before = await folder.untilReady('server', 1)
  await untilHeld(port, manager.pid, 1)
  fs.writeFileSync(script, 'process.exit(1)')
  kill(before)
  const waits = request({ port })
  await assert.rejects(waits, { code: 'ECONNRESET' })
  await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  // When the worker can start again, it opens the port again.
  fs.writeFileSync(script, serverText(port))
  const [next] = await folder.untilReady('server', 1)
  assert.equal(await request({ port }), String(next))
})
