/** Every side for real, with two members: it serves, its processes are known, and it ends. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { findClient } from '../src/client/index.js'
import { canReadProcesses, processesOf } from '../src/harness/processes.js'
import { runTrial, type Trial } from '../src/harness/trial.js'
import { verify } from '../src/harness/verify.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { sides } from '../src/sides/index.js'
import type { Side } from '../src/sides/side.js'

const network = loopback()
const start = { node: thisNode, framework: 'http', handler: 'hello', members: 2, network } as const
const trial: Trial = {
  ...start,
  client: await findClient.kept(),
  load: { clients: 8, seconds: 0.3, threads: 2 },
  warmup: 0.1,
}

for (const side of sides.values()) {
  const skip = side.unavailable(thisNode) ?? false

  test(`${side.name} is measured, and leaves no process behind`, { skip }, async () => {
    const all: number[] = []
    const watched: Side = {
      ...side,
      start: async (start) => {
        const running = await side.start(start)
        const members = side.name === 'single' ? 1 : 2
        assert.equal(new Set(running.workers).size, members)
        assert.equal(running.ports.length, side.name === 'separate-ports' ? 2 : 1)
        all.push(...(canReadProcesses ? processesOf(running) : running.workers))
        assert.deepEqual(
          [...running.workers, ...running.others].filter((pid) => !all.includes(pid)),
          [],
        )
        return running
      },
    }
    const { requests, seconds, usage } = await runTrial(watched, trial)
    assert.ok(requests > 0 && seconds > 0)
    // A process closes its pipes, by which its end is detected, a moment before it is gone.
    const deadline = Date.now() + 5000
    while (all.some(isRunning) && Date.now() < deadline) await sleep(5)
    assert.deepEqual(all.filter(isRunning), [])
    if (!canReadProcesses) return
    assert.ok(usage !== null && usage.cpuSeconds > 0)
    // A worker has at least Node's own code in memory, and a part of it for itself.
    assert.ok(usage.residentPerWorker > 20)
    assert.ok(usage.memory > 0)
  })
}

for (const framework of ['express', 'fastify', 'koa'] as const) {
  test(`${framework} is served by @reuse, and by a single listener`, async () => {
    for (const name of ['@reuse', 'single']) {
      const side = sides.get(name)
      assert.ok(side)
      await using running = await side.start({ ...start, framework })
      await verify(network.host, running)
    }
  })
}

test('a side that cannot run says why', () => {
  const reusePort = sides.get('reuseport')
  const old = { program: '', version: 'v20.20.0' }
  assert.match(reusePort?.unavailable(old) ?? '', /no reusePort.*--node 24|on Linux only/)
  const { PATH } = process.env
  process.env.PATH = ''
  try {
    assert.equal(sides.get('nginx')?.unavailable(thisNode), 'nginx is not installed')
  } finally {
    process.env.PATH = PATH
  }
})

test('a side that cannot start reports the error of its programs', async () => {
  const side = sides.get('@reuse')
  const elsewhere = { ...network, host: '192.0.2.1' }
  await assert.rejects(async () => side?.start({ ...start, network: elsewhere }), /EADDRNOTAVAIL/)
})

/** A process that has ended may stay on the list until its parent has waited for it. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
