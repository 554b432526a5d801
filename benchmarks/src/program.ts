import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How long to wait for a program's message by default, in milliseconds. */
const defaultPatience = 30_000

/** How much of a program's stderr is kept for the error, in characters. */
const mostComplaint = 4000

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/**
 * A program of the benchmark in its own process. Both sides send messages that have one name, such as
 * `{ ready: … }`; see program-side.ts. The program ends with this process, however this process ends.
 */
export class Program {
  readonly #child: ChildProcess
  readonly #heard: Record<string, unknown>[] = []
  readonly #events = new EventEmitter()
  #complaint = ''
  #over = false

  /** @param command the program and its arguments */
  constructor([file = '', ...args]: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-mostComplaint)
    })
    this.#child.on('message', (message) => {
      if (typeof message === 'object') this.#heard.push({ ...message })
      this.#events.emit('change')
    })
    const end = (): void => {
      this.#over = true
      this.#events.emit('change')
    }
    this.#child.once('error', end)
    this.#child.once('close', end)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /**
   * Waits for the next message of this name, and returns its content.
   *
   * @param patience how long, in milliseconds
   */
  async hear<T>(name: string, patience = defaultPatience): Promise<T> {
    const deadline = AbortSignal.timeout(patience)
    for (;;) {
      const index = this.#heard.findIndex((message) => name in message)
      const [message] = index === -1 ? [] : this.#heard.splice(index, 1)
      if (message !== undefined) return message[name] as T
      if (this.#over) {
        const how = this.#child.signalCode ?? this.#child.exitCode
        throw this.#error(`ended (${how}) before it said "${name}"`)
      }
      await once(this.#events, 'change', { signal: deadline }).catch(() => {
        throw this.#error(`did not say "${name}" in ${patience} ms`)
      })
    }
  }

  /** Sends a command, with what it needs, and waits for the message of the same name. */
  async ask<T>(name: string, content: unknown = null): Promise<T> {
    this.tell(name, content)
    return this.hear<T>(name)
  }

  /** Sends a command that has no answer. */
  tell(name: string, content: unknown = null): void {
    this.#child.send({ [name]: content })
  }

  /** Waits until the program ends by itself. */
  async exit(): Promise<Exit> {
    const deadline = AbortSignal.timeout(defaultPatience)
    while (!this.#over) await once(this.#events, 'change', { signal: deadline })
    return { code: this.#child.exitCode, signal: this.#child.signalCode }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL')
    await this.exit()
  }

  #error(what: string): Error {
    return new Error(
      [`${this.#child.spawnargs.join(' ')} ${what}`, this.#complaint].join('\n').trim(),
    )
  }
}

/** The command that runs a compiled file of this folder, with an argument for it. */
export function nodeCommand(node: string, file: string, argument: unknown): string[] {
  return [node, fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(argument)]
}
