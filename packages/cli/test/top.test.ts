/** What `reuse top` shows of apps that run, once and live. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { countAnswers, type Fixture, freePort, request, until } from '@reuse/testkit'
import type { AppMeasures } from '../src/control/messages.js'
import { type AppRates, ratesOf } from '../src/top/rates.js'
import { formatApps } from '../src/top/rows.js'
import { AppFolder, plainPython, serverText, untilPrinted } from './apps.js'
import { command, needsLinux, needsPython, pause, terminalDriver } from './programs.js'

async function top(folder: AppFolder, ...names: string[]): Promise<AppRates[]> {
  const { status, stdout, stderr } = await folder.command('top', '--json', ...names)
  assert.deepEqual([status, stderr], [0, ''])
  return JSON.parse(stdout)
}

/** Waits until `reuse top` shows what it should. */
async function untilTop(folder: AppFolder, isRight: (app: AppRates) => boolean): Promise<AppRates> {
  let app: AppRates | undefined
  return until(
    async () => {
      app = (await top(folder))[0]
      return app !== undefined && isRight(app) ? app : null
    },
    () => `it is so: ${JSON.stringify(app)}`,
  )
}

/** The lines of one table in which every worker has answered. */
async function tableOf(folder: AppFolder, ...words: string[]): Promise<string[]> {
  return until(async () => {
    const { status, stdout, stderr } = await folder.command('top', ...words)
    assert.deepEqual([status, stderr], [0, ''])
    return stdout.includes('silent') ? null : stdout.trimEnd().split('\n')
  })
}

async function startShop(t: TestContext, count: number, more = '') {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port, more))
  folder.run('-n', count, '--name', 'shop', 'server.cjs')
  return { folder, port, pids: await folder.untilReady('shop', count) }
}

/** Whether every worker has a share, has reported and is idle: on a busy machine that takes a while. */
function isQuiet({ workers }: AppRates): boolean {
  return workers.every(
    ({ share, acceptedPerSecond, eventLoopDelay }) =>
      share !== null && acceptedPerSecond === 0 && eventLoopDelay !== null,
  )
}

test('reuse top counts the connections that each worker accepted', needsLinux, async (t) => {
  const { folder, port, pids } = await startShop(t, 3)
  const answers = await countAnswers({ port }, 50)
  const app = await untilTop(folder, isQuiet)
  assert.deepEqual([app.name, app.instances], ['shop', 3])
  assert.deepEqual(
    app.workers.map(({ pid, accepted }) => [pid, accepted]),
    pids.map((pid) => [pid, answers.get(String(pid)) ?? 0]),
  )
  for (const worker of app.workers) {
    const { mean = -1, max = -1 } = worker.eventLoopDelay ?? {}
    assert.ok(mean >= 0 && max >= mean, `${mean} of ${max}`)
    assert.ok(worker.cpu !== null && worker.cpu >= 0)
    const { queue, share, restarts, answers, acceptedPerSecond } = worker
    assert.deepEqual(
      { queue, share: share?.toFixed(3), restarts, answers, acceptedPerSecond },
      {
        ...{ queue: { length: 0, limit: 511 }, share: '0.333', restarts: 0, answers: true },
        acceptedPerSecond: 0,
      },
    )
  }
  const [head, titles, ...rows] = await tableOf(folder, '--once', 'shop')
  assert.match(head ?? '', /^shop: 3 of 3 workers serve, version 1, node .*server\.cjs$/)
  assert.match(
    titles ?? '',
    /^WORKER +PID +CONNS +NEW\/S +SHARE +QUEUE +CPU +MEM +DELAY +RESTARTS +AGE$/,
  )
  assert.equal(rows.length, 3)
  for (const [index, row] of rows.entries()) {
    const pid = pids[index]
    const accepted = answers.get(String(pid)) ?? 0
    assert.match(
      row,
      new RegExp(`^ +${index + 1} +${pid} +${accepted} +0 +33% +0/511 +\\d+% +\\d+M `),
    )
  }
  // Where the output is no terminal, it is the same without an option.
  const [sameHead, ...same] = await tableOf(folder)
  assert.deepEqual([sameHead, same.length], [head, 4])
})

test('reuse top shows queue, silent workers and the share of a canary', needsLinux, async (t) => {
  const { folder, port, pids } = await startShop(t, 1)
  const [pid = 0] = pids
  await untilTop(folder, isQuiet)
  await pause({ pid })
  const waiting = Promise.all([1, 2, 3].map(() => request({ port })))
  const stopped = await untilTop(folder, ({ workers }) => workers[0]?.queue?.length === 3)
  const [{ accepted, eventLoopDelay, answers } = {}] = stopped.workers
  assert.deepEqual([accepted, eventLoopDelay, answers], [null, null, false])
  assert.match((await folder.command('top')).stdout, / 3\/511 .* silent /)
  process.kill(pid, 'SIGCONT')
  await waiting
  await untilTop(folder, ({ workers: [one] }) => one?.accepted === 3 && one.queue?.length === 0)

  assert.equal((await folder.command('reload', '--canary', '20%', 'shop')).status, 0)
  const { workers } = await untilTop(folder, ({ workers }) =>
    workers.every(({ share }) => share !== null),
  )
  assert.deepEqual(
    workers.map(({ worker, share }) => [worker, share?.toFixed(3)]),
    [
      [1, '0.800'],
      [0, '0.200'],
    ],
  )
})

test('reuse top shows the delay of a blocked event loop', needsLinux, async (t) => {
  const block =
    'setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200), 300)'
  const { folder } = await startShop(t, 1, block)
  await untilTop(folder, ({ workers: [one] }) => (one?.eventLoopDelay?.max ?? 0) >= 150)
})

test('reuse top shows - for what a Python program does not report', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.run('--name', 'py', '--', 'python3', plainPython, port)
  // The program counts as ready after a second: under load, that is before it listens.
  const { workers } = await folder.until('py', (status) => status.workers[0]?.listens.length === 1)
  assert.equal(await request({ port }), 'ok')
  const app = await untilTop(
    folder,
    ({ workers: [one] }) => one?.share === 1 && one.answers === null,
  )
  const [worker] = app.workers
  assert.deepEqual(
    [worker?.pid, worker?.accepted, worker?.eventLoopDelay],
    [workers[0]?.pid, null, null],
  )
  const [, , row = ''] = await tableOf(folder, 'py')
  assert.match(row, /^ +1 +\d+ +- +- +100% .* +- +0 /)
})

test('reuse top shows several apps; an unknown one or none is an error', needsLinux, async (t) => {
  const { folder } = await startShop(t, 1)
  const none = await new AppFolder(t).command('top')
  assert.deepEqual([none.status, none.stdout], [1, ''])
  assert.match(none.stderr, /^reuse: no app is running/)
  folder.write('blog.cjs', serverText(await freePort()))
  folder.run('blog.cjs')
  await folder.untilReady('blog', 1)
  const names = (await top(folder)).map(({ name }) => name)
  assert.deepEqual(names.sort(), ['blog', 'shop'])
  assert.deepEqual(
    (await top(folder, 'shop', 'shop')).map(({ name }) => name),
    ['shop'],
  )
  const wrong = await folder.command('top', 'shop', 'shp')
  assert.deepEqual([wrong.status, wrong.stdout], [1, ''])
  assert.match(wrong.stderr, /^reuse: app shp is not running\. Running apps: blog and shop\.\n$/)
})

/** Runs `reuse top` in a terminal of 80 columns, printing the terminal's settings before and after. */
function startLive(folder: AppFolder, more = ''): Fixture {
  const run = `${process.execPath} ${command} top shop`
  const script = `stty cols 80 rows 12; stty -a >before; ${more} ${run}; echo "code $?"; stty -a >after; echo over`
  const clean = ['env', '-u', 'CI', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', 'TERM=xterm-256color']
  return folder.start('python3', '-u', terminalDriver, ...clean, 'sh', '-c', script)
}

for (const [name, key] of [
  ['q', 'q'],
  ['Esc', '\x1b'],
  ['Ctrl-C', '\x03'],
] as const) {
  test(`live: reuse top redraws its table until ${name} ends it`, needsPython, async (t) => {
    const { folder, port } = await startShop(t, 1)
    const live = startLive(folder)
    await untilPrinted(live, / 1 +(\d+ +)?0 +[-0] +100% /)
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => request({ port })))
    await untilPrinted(live, / 1 +(\d+ +)?7 +[-\d]/)
    // So often that Node would warn of what each drawing leaves behind.
    if (name === 'q') await untilPrinted(live, /(\?2026h[\s\S]*?){13}/)
    assert.doesNotMatch(live.output, /Warning/)
    live.tell('type', key)
    await untilPrinted(live, /code 0\n[\s\S]*over/)
    const read = (file: string): string => fs.readFileSync(path.join(folder.path, file), 'utf8')
    assert.match(read('before'), / icanon/)
    assert.equal(read('after'), read('before'))
    const { output } = live
    assert.ok(output.includes('\x1b[?25l'), 'the cursor was hidden')
    assert.ok(output.lastIndexOf('\x1b[?25h') > output.lastIndexOf('\x1b[?25l'), 'and is shown')
    for (const line of stripVTControlCharacters(output).split('\n')) {
      assert.ok(line.length <= 80, line)
    }
    // The titles are bold.
    assert.ok(output.includes('\x1b[1m'))
  })
}

test('live: reuse top can be quit while the manager does not answer', needsPython, async (t) => {
  const { folder } = await startShop(t, 1)
  const { pid } = await folder.status('shop')
  await pause({ pid })
  const live = startLive(folder)
  live.tell('type', 'q')
  await untilPrinted(live, /code 0\n[\s\S]*over/)
  assert.doesNotMatch(live.output, /WORKER/)
})

test('live: SIGTERM ends reuse top, and NO_COLOR turns off colours', needsPython, async (t) => {
  const { folder } = await startShop(t, 1)
  const live = startLive(folder, 'export NO_COLOR=1; echo $$ >pid; ')
  await untilPrinted(live, /WORKER/)
  const shell = fs.readFileSync(path.join(folder.path, 'pid'), 'utf8').trim()
  const [child = ''] = fs.readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ')
  process.kill(Number(child), 'SIGTERM')
  await untilPrinted(live, /code 0\n[\s\S]*over/)
  assert.ok(!live.output.includes('\x1b[1m'), 'no colours')
  const read = (file: string): string => fs.readFileSync(path.join(folder.path, file), 'utf8')
  assert.equal(read('after'), read('before'))
})

/** A worker that has done a lot. */
const busy: AppMeasures['workers'][number] = {
  ...{ worker: 0, pid: 4_194_304, version: 12, uptime: 1000, restarts: 1234, threads: 1 },
  threadRestarts: null,
  state: 'starting',
  ...{ crashes: 0, memory: 2 ** 40, cpuTime: 1e6, queue: { length: 4096, limit: 65_535 } },
  ...{ share: 0.123, listens: [], accepted: 123_456_789, answers: true },
  eventLoopDelay: { mean: 12_345.6, max: 123_456.7 },
}

const app = { name: 'shop', pid: 1, program: 'node x', instances: 3, version: 1, threads: null }

test('rates compare two samples of the same process', () => {
  const at = (uptime: number, accepted: number | null, more = {}) => ({
    ...{ ...app, state: 'running' as const },
    workers: [{ ...busy, uptime, accepted, cpuTime: uptime / 4, ...more }],
  })
  const rates = (before: ReturnType<typeof at> | undefined, now: ReturnType<typeof at>) => {
    const [worker] = ratesOf(before, now).workers
    return [worker?.acceptedPerSecond, worker?.cpu]
  }
  assert.deepEqual(rates(undefined, at(1000, 10)), [null, null])
  assert.deepEqual(rates(at(1000, 10), at(3000, 40)), [15, 25])
  assert.deepEqual(rates(at(1000, 10), at(1000, 10)), [null, null])
  assert.deepEqual(rates(at(1000, null), at(3000, 40)), [null, 25])
  assert.deepEqual(rates(at(1000, 50), at(3000, 40)), [null, 25])
  assert.deepEqual(rates(at(1000, 10, { worker: 7 }), at(3000, 40)), [null, null])
  assert.deepEqual(rates(at(1000, 10, { pid: 7 }), at(3000, 40)), [null, null])
  assert.deepEqual(rates(at(1000, 10, { pid: null }), at(3000, 40, { pid: null })), [null, null])
})

test('the table of reuse top fits into 80 columns and the terminal’s rows', async () => {
  const workers = Array.from({ length: 256 }, () => busy)
  const rates = { ...ratesOf(undefined, { ...app, state: 'running', workers }) }
  for (const worker of rates.workers)
    Object.assign(worker, { acceptedPerSecond: 123_456, cpu: 1234 })
  const text = await formatApps([rates], { columns: 80, rows: 23 })
  const lines = text.split('\n')
  assert.equal(lines.length, 23)
  assert.equal(lines.at(-1), '… 236 more lines')
  for (const line of lines) assert.ok(line.length <= 80, line)
  const wide = await formatApps([rates], { columns: 200, rows: 300 })
  assert.match(
    wide,
    /^canary +4194304 +123M +123k +12% +4096\/65535 +1234% +1024\.0G .* starting$/m,
  )
})
