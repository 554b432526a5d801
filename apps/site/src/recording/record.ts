import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@reuse/testkit'
import { Load, type Sent } from './load.js'
import type { Recording } from './recording.js'

const command = fileURLToPath(new URL('main.js', import.meta.resolve('@reuse/cli')))

const workers = 4
const rate = 200
const interval = 100

/** Answers with its process id. It does not know about sharing. */
const server = `require('node:http')
  .createServer((request, response) => response.end(String(process.pid)))
  .listen(Number(process.env.PORT))
`

/**
 * Runs an app with `reuse run`, sends it requests, lets `reuse reload` replace its workers meanwhile, and
 * resolves with what happened.
 *
 * @param margin how long requests are sent before the reload, and after it, in milliseconds
 */
export async function recordReload(margin: number): Promise<Recording> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-recording-'))
  const port = await freePort()
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, PORT: String(port) }
  const reuse = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [command, ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  writeFileSync(path.join(folder, 'server.js'), server)

  const manager = reuse('run', '--instances', String(workers), '--name', 'shop', 'server.js')
  const ended = once(manager, 'exit')
  try {
    const old = await readyWorkers(manager)
    const lines: Recording['lines'] = []
    await using load = new Load(port, rate)
    const note = (text: string): unknown => lines.push({ time: Math.round(load.time), text })
    onLine(manager, note)
    await delay(margin)
    note('$ reuse reload shop')
    const reload = reuse('reload', 'shop')
    onLine(reload, note)
    const [code] = await once(reload, 'close')
    if (code !== 0)
      throw new Error(`the reload failed: ${lines.map(({ text }) => text).join('\n')}`)
    await delay(margin)
    const duration = Math.round(load.time)
    const sent = await load.stop()
    return {
      date: new Date().toISOString().slice(0, 10),
      system: `${os.type()} ${os.release().replace(/^(\d+\.\d+).*/, '$1')}`,
      node: process.version,
      processors: os.availableParallelism(),
      ...{ workers, rate, duration, interval },
      ...countBy(sent, duration, old),
      reasons: [...new Set(sent.flatMap(({ reason }) => reason ?? []))],
      lines: [...lines],
    }
  } finally {
    manager.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true })
  }
}

/** Waits until all workers are ready, and resolves with their pids. */
async function readyWorkers(manager: ChildProcess): Promise<ReadonlySet<string>> {
  const pids = new Set<string>()
  await new Promise<void>((resolve, reject) => {
    manager.once('exit', () => reject(new Error('reuse run ended before its workers were ready')))
    onLine(manager, (line) => {
      const pid = /\(pid (\d+)\) is ready/.exec(line)?.[1]
      if (pid !== undefined && pids.add(pid).size === workers) resolve()
    })
  })
  return new Set(pids)
}

function onLine(program: ChildProcess, hear: (line: string) => void): void {
  for (const stream of [program.stdout, program.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', hear)
  }
}

function countBy(sent: readonly Sent[], duration: number, oldWorkers: ReadonlySet<string>) {
  const none = (): number[] => new Array(Math.ceil(duration / interval)).fill(0)
  const counts = { old: none(), new: none(), failed: none() }
  for (const { time, answer } of sent) {
    const series = counts[answer === null ? 'failed' : oldWorkers.has(answer) ? 'old' : 'new']
    const part = Math.min(series.length - 1, Math.floor(time / interval))
    series[part] = (series[part] ?? 0) + 1
  }
  return counts
}
