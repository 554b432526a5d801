import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { patience } from './patience.js'

export interface FixtureOptions {
  args?: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** What the fixture gets as descriptors 3 and up, such as listeners to inherit. */
  descriptors?: number[]
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** How long its pipes may stay open after its end, held by a process that it started. */
const afterlife = 1000

/**
 * A real child process. It speaks in lines of JSON, `{"ready": …}` before all others; see
 * fixture-side.ts. The test that starts it ends it, whatever happens.
 */
export class Fixture {
  readonly #child: ChildProcess
  #said: Record<string, unknown>[] = []
  readonly #lines = new EventEmitter()
  #other = ''
  /** Whether it has ended, and what it said before has been read. */
  #over = false

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) throw new Error('a fixture needs its stdout and stderr piped')
      createInterface({ input: stream }).on('line', (line) => this.#read(line))
    }
    const end = (): void => {
      this.#over = true
      this.#lines.emit('line')
    }
    child.once('exit', () => setTimeout(end, afterlife).unref())
    child.once('close', end)
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the fixture did not start')
    return this.#child.pid
  }

  /** What it printed apart from its messages: errors, warnings. */
  get output(): string {
    return this.#other
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Waits for the next message of this name that nobody has taken, and returns its content. */
  async hear<T>(name: string): Promise<T> {
    const deadline = AbortSignal.timeout(patience)
    for (;;) {
      const index = this.#said.findIndex((message) => name in message)
      const [message] = index === -1 ? [] : this.#said.splice(index, 1)
      if (message !== undefined) return message[name] as T
      if (this.#over) throw new Error(`it ended before it said "${name}":\n${this.#other}`)
      await once(this.#lines, 'line', { signal: deadline }).catch(() => {
        throw new Error(`it did not say "${name}" in ${patience} ms:\n${this.#other}`)
      })
    }
  }

  /** Takes all messages of this name so far. */
  heard<T>(name: string): T[] {
    const messages = this.#said.filter((message) => name in message)
    this.#said = this.#said.filter((message) => !(name in message))
    return messages.map((message) => message[name] as T)
  }

  /** Sends a command, with what it needs. */
  tell(name: string, content: unknown = null): void {
    this.#child.stdin?.write(`${JSON.stringify({ [name]: content })}\n`)
  }

  /** Sends a command and waits for the message of the same name. */
  async ask<T>(name: string, content: unknown = null): Promise<T> {
    this.tell(name, content)
    return this.hear<T>(name)
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.running) this.#child.kill(signal)
    return this.exit()
  }

  /** Waits until it ends by itself. */
  async exit(): Promise<Exit> {
    const deadline = AbortSignal.timeout(patience)
    while (!this.#over) await once(this.#lines, 'line', { signal: deadline })
    return { code: this.#child.exitCode, signal: this.#child.signalCode }
  }

  #read(line: string): void {
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      message = null
    }
    if (typeof message === 'object' && message !== null) this.#said.push({ ...message })
    else this.#other += `${line}\n`
    this.#lines.emit('line')
  }
}

/** Starts a program and ends it with the test. Does not wait for anything. */
export function startFixture(
  t: Pick<TestContext, 'after'>,
  [program = '', ...args]: string[],
  { env = {}, cwd, descriptors = [] }: FixtureOptions = {},
): Fixture {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
    // Tests that look at what a program prints start several members on purpose.
    env: { ...process.env, REUSE_QUIET: '1', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  const fixture = new Fixture(child)
  t.after(() => fixture.end('SIGKILL'))
  return fixture
}

/** Starts a JavaScript file with this Node, followed by its arguments. */
export function startNode(
  t: Pick<TestContext, 'after'>,
  file: URL | string,
  options: FixtureOptions & { execArgv?: string[] } = {},
): Fixture {
  const { execArgv = [], args = [], ...rest } = options
  const path = file instanceof URL ? fileURLToPath(file) : file
  return startFixture(t, [process.execPath, ...execArgv, path, ...args], rest)
}
