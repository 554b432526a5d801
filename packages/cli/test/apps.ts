/** Apps that the tests run with `reuse run`, each test in its own state folder. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Fixture, request, startFixture, until } from '@reuse/testkit'
import type { AppStatus, WorkerStatus } from '../src/control/messages.js'
import { command, type Result, reuse } from './programs.js'

export type Words = readonly (string | number)[]

/** A place for apps: their programs, and what their managers keep. */
export class AppFolder {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  readonly #ends: (() => Promise<unknown>)[] = []

  /** @param more additional environment variables of the apps and commands */
  constructor(t: TestContext, more: NodeJS.ProcessEnv = {}) {
    this.path = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-run-'))
    this.env = { XDG_RUNTIME_DIR: this.path, ...more }
    t.after(async () => {
      // The managers first: they would start other workers.
      await Promise.all(this.#ends.map((end) => end()))
      this.#killWorkers()
      fs.rmSync(this.path, { recursive: true, force: true })
    })
  }

  /** Writes a program, and returns its path. */
  write(name: string, text: string): string {
    const file = path.join(this.path, name)
    fs.writeFileSync(file, text)
    return file
  }

  /** Starts `reuse run`; does not wait. */
  run(...words: Words): Fixture {
    return this.start(process.execPath, command, 'run', ...words)
  }

  /** Starts something that runs apps; does not wait. */
  start(...words: Words): Fixture {
    const program = startFixture({ after: () => {} }, words.map(String), {
      env: this.env,
      cwd: this.path,
    })
    this.#ends.push(() => program.end('SIGKILL'))
    return program
  }

  /** Runs another command to its end. */
  async command(...words: Words): Promise<Result> {
    return reuse(words, { env: this.env })
  }

  async status(app: string): Promise<AppStatus> {
    const { status, stdout, stderr } = await this.command('status', '--json', app)
    if (status !== 0) throw new Error(`reuse status: ${stderr}`)
    return JSON.parse(stdout)
  }

  /** Waits until an app is as it should be, and returns its status. */
  async until(app: string, isRight: (status: AppStatus) => boolean): Promise<AppStatus> {
    let status: AppStatus | null = null
    return until(
      async () => {
        status = await this.status(app).catch(() => null)
        return status !== null && isRight(status) ? status : null
      },
      () => `app ${app} is so: ${JSON.stringify(status)}`,
    )
  }

  /** Waits until `count` workers serve, and returns their pids in order. */
  async untilReady(app: string, count: number): Promise<number[]> {
    return pidsOf(await this.until(app, ({ workers }) => areReady(workers, count)))
  }

  /** Kills the workers that managers have recorded: nothing else knows what outlives a manager. */
  #killWorkers(): void {
    const root = path.join(this.path, 'reuse')
    const apps = fs.existsSync(root) ? fs.readdirSync(root) : []
    for (const app of apps) {
      try {
        const file = path.join(root, app, 'state.1.json')
        for (const { pid } of JSON.parse(fs.readFileSync(file, 'utf8')).workers) {
          process.kill(-pid, 'SIGKILL')
        }
      } catch {
        // The app was stopped, or none of its workers is alive.
      }
    }
  }
}

function areReady(workers: readonly WorkerStatus[], count: number): boolean {
  return workers.length === count && workers.every(({ state }) => state === 'ready')
}

export function pidsOf({ workers }: AppStatus): number[] {
  return workers.map(({ pid }) => pid ?? 0)
}

/** A plain CommonJS server that knows nothing of sharing: it answers with its pid. */
export function serverText(port: number, more = ''): string {
  return `const http = require('node:http')
http
  .createServer((_, response) => {
    response.setHeader('connection', 'close')
    response.end(String(process.pid))
  })
  .listen(${port}, '127.0.0.1')
${more}
`
}

/** The same as a module. */
export function moduleText(port: number): string {
  return serverText(port).replace(/^const http = .*$/m, "import http from 'node:http'")
}

export const plainPython = fileURLToPath(new URL('../../test/fixtures/plain.py', import.meta.url))

/** Sends requests to a port until all wanted answers have come, and returns all answers. */
export async function untilAnswered(port: number, wanted: readonly number[]): Promise<Set<number>> {
  const heard = new Set<number>()
  await until(
    async () => {
      heard.add(Number(await request({ port })))
      return wanted.every((one) => heard.has(one))
    },
    () => `${[...heard]} have answered, and not all of ${wanted}`,
  )
  return heard
}

/** Waits until a program has printed something. */
export async function untilPrinted(program: Fixture, pattern: RegExp): Promise<RegExpExecArray> {
  return until(
    () => pattern.exec(program.output),
    () => `it has not printed ${pattern}:\n${program.output}`,
  )
}

/** Waits until none of these processes is alive. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(
    () => !pids.some(isAlive),
    () => `${pids.filter(isAlive)} still live`,
  )
}

export function isAlive(pid: number): boolean {
  // This tells a process that has ended, but has not been waited for, from one that is alive.
  if (process.platform === 'linux') return fs.existsSync(`/proc/${pid}/exe`)
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
