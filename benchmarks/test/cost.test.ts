import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Answers } from '../src/client/client.js'
import { idleAmong, idleName } from '../src/cost/idle.js'
import { pairContenders } from '../src/cost/pair.js'
import { rescueCost } from '../src/cost/rescue.js'
import type { Benchmark } from '../src/harness/benchmark.js'
import { joined, type Part } from '../src/harness/joined.js'
import { canReadProcesses, cpuSecondsOf } from '../src/harness/processes.js'
import { verify } from '../src/harness/verify.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { clusterNone } from '../src/sides/cluster.js'
import { reuse } from '../src/sides/reuse.js'
import { single } from '../src/sides/single.js'
import { withoutRescue } from '../src/sides/without-rescue.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = canReadProcesses ? (reuse.unavailable(thisNode) ?? false) : 'there is no /proc'
const question = 'What does it cost?'

/** As if this core had the option. */
const stub = { ...reuse, title: withoutRescue.title }

function alone(part: Part, name: string): Benchmark {
  return joined({ name, question }, [part])
}

test('CPU time counts computing and not waiting', { skip }, () => {
  const used = (work: () => void): number => {
    const before = cpuSecondsOf([process.pid])
    work()
    return 1000 * (cpuSecondsOf([process.pid]) - before)
  }
  const compute = (milliseconds: number) => () => {
    const start = process.cpuUsage()
    for (;;) {
      const { user, system } = process.cpuUsage(start)
      if (user + system >= 1000 * milliseconds) return
    }
  }
  // Up to a tick of proc_pid_stat(5), more or less.
  const worked = used(compute(100))
  assert.ok(worked >= 90, `${worked} ms`)
  const waited = used(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200))
  assert.ok(waited < 100, `${waited} ms`)
})

test('CPU time below a clock tick is counted if the kernel supports it', { skip }, (t) => {
  try {
    if (Number.parseInt(readFileSync('/proc/self/schedstat', 'utf8'), 10) === 0) throw new Error()
  } catch {
    return t.skip('this kernel does not')
  }
  const before = cpuSecondsOf([process.pid])
  const start = process.cpuUsage()
  while (process.cpuUsage(start).user + process.cpuUsage(start).system < 2000);
  assert.ok(cpuSecondsOf([process.pid]) > before)
})

test('a small run measures the CPU use of idle members', { skip }, async () => {
  const sides = [single, reuse, clusterNone]
  const run = await smallRun(alone(idleAmong(2), 'idle'), { sides, rounds: 1, seconds: 0.3 })
  const used = samplesOf(run, 'idle members', idleName)
  const titles = [reuse, clusterNone].map(({ title }) => title)
  assert.deepEqual(
    titles.filter((title) => !(title in used)),
    [],
  )
  assert.ok(!(single.title in used))
  assert.ok(Object.values(used).every(([percent = -1]) => percent >= 0 && percent < 100))
})

test('a small run compares @reuse with itself without rescue, and nothing else', {
  skip,
}, async () => {
  const benchmark = alone(rescueCost(stub), 'rescue')
  const run = await smallRun(benchmark, { sides: [single, reuse], rounds: 1, seconds: 0.5 })
  assert.equal(run.cases.length, 3)
  for (const { name } of run.cases) {
    const used = samplesOf(run, name, 'CPU time per 100,000 requests')
    assert.deepEqual(Object.keys(used), [reuse.title, stub.title])
    assert.ok(Object.values(used).every(([seconds = 0]) => seconds > 0))
  }
})

test('a pair of sides is measured together, and again after a failure', { skip }, async () => {
  const network = loopback()
  const start = {
    node: thisNode,
    framework: 'http',
    handler: 'hello',
    members: 2,
    network,
  } as const
  let loads = 0
  const load = async (): Promise<Answers> => {
    if (++loads === 1) throw new Error('broken')
    return { requests: 10, seconds: 1 }
  }
  const trial = { ...start, load, seconds: 0.5, warmup: 0.1 }
  const [one, other, ...none] = pairContenders([reuse, stub], trial)
  assert.ok(one !== undefined && other !== undefined)
  assert.deepEqual(none, [])
  await assert.rejects(one.trial(0), /broken/)
  const samples = [...(await one.trial(0)), ...(await other.trial(0))]
  assert.equal(samples.length, 2)
  // The one that failed; then a warm-up and two turns of each.
  assert.equal(loads, 1 + 2 * 3)
})

test('a core without the rescue option is skipped with a reason', { skip }, async () => {
  const absent = { ...stub, unavailable: () => 'no such option' }
  const part = rescueCost(absent)
  const settings = { node: thisNode, full: false, sides: [reuse], rounds: 1 }
  assert.equal(part.estimate(settings), 0)
  const { cases, skipped } = await part.measure(settings, {
    ...{ step: () => {}, again: () => {}, fail: () => {}, tookPart: () => {} },
  })
  assert.deepEqual(cases, [])
  assert.deepEqual(skipped, [{ side: absent.title, reason: 'no such option' }])
})

test('without rescue a member shares its port, or the side says why it cannot run', async (t) => {
  const reason = withoutRescue.unavailable(thisNode)
  if (reason !== null) {
    assert.match(reason, /no option rescue|does not spread/)
    return t.skip(reason)
  }
  const network = loopback()
  const start = { node: thisNode, framework: 'http', handler: 'hello', members: 2 } as const
  await using running = await withoutRescue.start({ ...start, network })
  await verify(network.host, running)
})

test('joined parts form one scenario, with progress weighted by their estimates', async () => {
  const part = (name: string, seconds: number): Part => ({
    estimate: () => seconds,
    measure: async (_, progress) => {
      progress.step(name, 1, 2)
      return {
        ...{ name, question, settings: { of: name, [name]: true } },
        cases: [{ name, parameters: {}, measures: [] }],
        skipped: [{ side: 'nginx', reason: name }],
      }
    },
  })
  const whole = joined({ name: 'whole', question }, [part('one', 10), part('two', 30)])
  const settings = { node: thisNode, full: false, sides: [] }
  assert.equal(whole.estimate(settings), 40)
  const steps: number[] = []
  const {
    name,
    cases,
    skipped,
    settings: told,
  } = await whole.measure(settings, {
    ...{ again: () => {}, fail: () => {}, tookPart: () => {} },
    step: (_, done, total) => void steps.push(done / total),
  })
  assert.deepEqual(steps, [5 / 40, 25 / 40])
  assert.equal(name, 'whole')
  assert.deepEqual(
    cases.map(({ name }) => name),
    ['one', 'two'],
  )
  assert.deepEqual(skipped, [{ side: 'nginx', reason: 'one' }])
  assert.deepEqual(told, { of: 'one', one: true, two: true })
})
