/** `reuse run --log json`: what the manager reports and what workers print, as lines of JSON. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { freePort, until } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { command, needsLinux } from './programs.js'

interface Line {
  level: number
  time: number
  app: string | null
  worker: number | null
  stream: 'stdout' | 'stderr' | null
  msg: string
}

/** Waits for a line in a file; fails if a line is not JSON. */
async function untilLine(
  file: string,
  isWanted: (line: Line) => boolean,
): Promise<Omit<Line, 'time'>> {
  let complete: string[] = []
  const { time, ...rest } = await until(
    () => {
      if (fs.existsSync(file)) complete = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1)
      return complete.map((text): Line => JSON.parse(text)).find(isWanted)
    },
    () => `there is no such line:\n${complete.join('\n')}`,
  )
  assert.ok(Number.isInteger(time) && time <= Date.now())
  return rest
}

test('--log json prints all lines of manager and workers as JSON', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const prints = `console.log('out "quoted"')\nconsole.error('\\x1b[31merr')`
  folder.write('server.cjs', serverText(0, prints))
  const file = path.join(folder.path, 'log')
  const intoFile = ['sh', '-c', `exec "$0" "$@" > '${file}'`]
  const manager = folder.start(
    ...[...intoFile, process.execPath, command],
    ...['run', '--log', 'json', '--name', 'shop', 'server.cjs'],
  )
  const ofWorker = { app: 'shop', worker: 1 }
  assert.deepEqual(await untilLine(file, ({ stream }) => stream === 'stdout'), {
    ...ofWorker,
    level: 30,
    stream: 'stdout',
    msg: 'out "quoted"',
  })
  assert.deepEqual(await untilLine(file, ({ stream }) => stream === 'stderr'), {
    ...ofWorker,
    level: 40,
    stream: 'stderr',
    msg: '\x1b[31merr',
  })
  const [pid = 0] = await folder.untilReady('shop', 1)
  assert.deepEqual(await untilLine(file, ({ msg }) => msg.endsWith('is ready')), {
    ...ofWorker,
    level: 30,
    stream: null,
    msg: `worker 1 (pid ${pid}) is ready`,
  })
  process.kill(pid, 'SIGKILL')
  const crash = await untilLine(file, ({ msg }) => msg.includes('ended unexpectedly'))
  assert.deepEqual({ ...crash, msg: '' }, { ...ofWorker, level: 40, stream: null, msg: '' })
  await folder.untilReady('shop', 1)
  await manager.end('SIGTERM')
  assert.deepEqual(await untilLine(file, ({ msg }) => msg.startsWith('SIGTERM')), {
    ...{ app: null, worker: null, level: 30, stream: null },
    msg: 'SIGTERM: the workers are leaving; a second signal kills them',
  })
  await untilLine(file, ({ msg }) => msg === 'app shop has stopped')
  assert.equal(manager.output, '')
})

test('reuse logs -f follows what workers print', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const prints = `console.log('begun')\nprocess.on('SIGUSR2', () => console.log('more'))`
  folder.write('server.cjs', serverText(await freePort(), prints))
  folder.run('server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  const follower = folder.start(process.execPath, command, 'logs', '-f')
  await untilPrinted(follower, /^server 1 \| begun$/m)
  process.kill(pid, 'SIGUSR2')
  await untilPrinted(follower, /^server 1 \| more$/m)
  assert.equal(follower.running, true)
})
