/** An app whose workers get new connections according to how busy they are. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { countAnswers, freePort, needs, patience, request } from '@reuse/testkit'
import type { AppStatus } from '../src/control/messages.js'
import { AppFolder, serverText } from './apps.js'
import { threadedText, untilAnswerers } from './threaded-server.js'

const needsSteering = needs('linux', 'holders', 'steering')

/** A worker that blocks its event loop most of the time, from one signal to the next. */
const busyOnSignal = `
const never = new Int32Array(new SharedArrayBuffer(4))
let timer
process.on('SIGUSR2', () => {
  if (timer) timer = clearInterval(timer)
  else timer = setInterval(() => Atomics.wait(never, 0, 0, 300), 350)
})`

/** A thread that does so after a request. */
const busyOnRequest = `
const never = new Int32Array(new SharedArrayBuffer(4))
server.on('request', ({ url }) => {
  if (url === '/busy') setInterval(() => Atomics.wait(never, 0, 0, 300), 350)
})`

async function startApp(t: TestContext, instances: number, ...options: string[]) {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort(), busyOnSignal))
  folder.run('-n', instances, '--name', 'app', ...options, 'server.cjs')
  return { folder, pids: await folder.untilReady('app', instances) }
}

function shareOf({ workers }: AppStatus, worker: number): number | null {
  return workers.find((one) => one.worker === worker)?.share ?? null
}

/** On a busy machine any worker is late now and then, and shares are rarely quite equal. */
function haveMore({ workers }: AppStatus, than: number): boolean {
  return workers.every(({ share }) => (share ?? 0) > than)
}

test('--balance lowers a busy worker’s share, then raises it again', needsSteering, async (t) => {
  const { folder, pids } = await startApp(t, 3, '--balance')
  const [busy = 0] = pids
  await folder.until('app', (status) => haveMore(status, 0.25))
  process.kill(busy, 'SIGUSR2')
  const fallen = await folder.until('app', (status) => (shareOf(status, 1) ?? 1) < 0.2)
  const sum = fallen.workers.reduce((sum, { share }) => sum + (share ?? 0), 0)
  assert.ok(Math.abs(sum - 1) < 1e-9)
  process.kill(busy, 'SIGUSR2')
  const least = (shareOf(fallen, 1) ?? 1) + 0.05
  await folder.until('app', (status) => (shareOf(status, 1) ?? 0) > least)
})

test('with --balance a canary and a restarted worker get their share', needsSteering, async (t) => {
  const { folder, pids } = await startApp(t, 2, '--balance')
  const [busy = 0] = pids
  process.kill(busy, 'SIGUSR2')
  await folder.until('app', (status) => (shareOf(status, 1) ?? 1) < 0.3)
  assert.equal((await folder.command('reload', '--canary', '20%')).status, 0)
  const hasShare = (status: AppStatus): boolean => {
    const [one, other, canary] = [1, 2, 0].map((worker) => shareOf(status, worker) ?? 0)
    return Math.abs((canary ?? 0) - 0.2) < 0.001 && (one ?? 1) < (other ?? 0) / 2
  }
  await folder.until('app', hasShare)
  process.kill(busy, 'SIGKILL')
  await folder.until('app', (status) => {
    return Math.abs((shareOf(status, 0) ?? 0) - 0.2) < 0.001 && (shareOf(status, 1) ?? 0) > 0.3
  })
  assert.equal((await folder.command('promote')).status, 0)
  await folder.until('app', (status) => status.workers.length === 2 && haveMore(status, 0.3))
})

test('--balance gives a busy thread fewer connections', needsSteering, async (t) => {
  // Otherwise the other threads would take what waits at the busy one.
  const folder = new AppFolder(t, { REUSE_RESCUE: 'false' })
  const port = await freePort()
  folder.write('server.cjs', threadedText(port, busyOnRequest))
  folder.run('-n', 3, '--threads', '--balance', '--name', 'app', 'server.cjs')
  await folder.untilReady('app', 1)
  await untilAnswerers(port, 3)
  const busy = await request({ port, path: '/busy' })
  const deadline = AbortSignal.timeout(patience)
  // Without balancing it would be a third: so few, again and again, are not due to chance.
  for (let seldom = 0; seldom < 3; ) {
    const answers = (await countAnswers({ port }, 100)).get(busy) ?? 0
    seldom = answers < 20 ? seldom + 1 : 0
    assert.ok(!deadline.aborted, `${answers} of 100 went to the busy thread`)
    await setTimeout(200)
  }
})
