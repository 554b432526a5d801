import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchersName } from '../src/exec/memory.js'
import { exec } from '../src/exec/sides.js'
import { beyondName } from '../src/exec/start-up.js'
import { canReadProcesses, processesOf } from '../src/harness/processes.js'
import { verify } from '../src/harness/verify.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { execOf } from '../src/scenarios/exec.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = !canReadProcesses && 'reuse exec needs Linux'

test('reuse exec runs one worker and at least two other processes', { skip }, async () => {
  const network = loopback()
  const start = {
    node: thisNode,
    framework: 'http',
    handler: 'hello',
    members: 1,
    network,
  } as const
  await using running = await exec.start(start)
  await verify(network.host, running)
  assert.equal(running.workers.length, 1)
  // The launcher, the supervisor and the server, and Node where it cannot be replaced.
  assert.ok(processesOf(running).length >= 3)
})

test('a small run measures start time, memory and requests per second', { skip }, async () => {
  const run = await smallRun(execOf(1), { sides: [], rounds: 1, seconds: 0.5 })
  const node = thisNode.version
  const times = samplesOf(run, `start, Node ${node}`, 'start and end of a program')
  assert.deepEqual(Object.keys(times), ['the program alone', 'Node alone', '@reuse exec'])
  const [more = 0] = samplesOf(run, `start, Node ${node}`, beyondName)['@reuse exec'] ?? []
  assert.ok(more > 0, `${more} ms`)
  const [memory = 0] = samplesOf(run, `memory, Node ${node}`, launchersName)['@reuse exec'] ?? []
  assert.ok(memory > 0, `${memory} MiB`)
  for (const load of ['connections that are kept', 'a new connection for each request']) {
    const requests = samplesOf(run, load, 'requests per second')
    assert.deepEqual(Object.keys(requests), ['the same without it', '@reuse exec'])
    for (const [count = 0] of Object.values(requests)) assert.ok(count > 0)
  }
})
