/** The launcher's own argument parser, in a program that is asked many times. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

/** How the launcher has understood its arguments. */
export interface ReadOptions {
  port: number[]
  map: { from: number; to: number }[]
  /** As inet_ntop(3) writes it; `''` for none. */
  address: string
  sourceAddress: string
  weight: string
  /** The first letter of the policy; `''` for none. */
  steering: string
  /** In milliseconds. */
  leaveTimeout: number
  /** In milliseconds. */
  drain: number
  stopSignal: number
  /** 0 for any, 1 for seccomp, 2 for the preload library. */
  mechanism: number
  verbose: boolean
  library: string | null
  command: string[]
}

const compiler = process.env.CC ?? 'cc'
const hasCompiler = spawnSync(compiler, ['--version']).status === 0

/** Why there is no reader here, for a test that needs one. */
export const needsReader = {
  skip:
    (process.platform !== 'linux' && 'the launcher is for Linux') ||
    (!hasCompiler && `there is no C compiler, ${compiler}`),
}

const sources = ['test/fixtures/read-options.c', 'native/options.c']
const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

export class OptionsReader {
  /** Whether memory errors are detected: not every compiler has the libraries for that. */
  readonly isSanitized: boolean
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #complaints = ''

  constructor(t: TestContext) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-options-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const program = path.join(folder, 'read-options')
    this.isSanitized = compile(program, sanitizers)
    if (!this.isSanitized && !compile(program, [])) throw new Error(`${compiler} cannot compile it`)
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'pipe'] })
    t.after(() => child.kill())
    child.stdin.on('error', () => {}) // It has ended, which the next read reports.
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text
    })
    this.#child = child
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  /**
   * Parses arguments of the launcher, without its own name.
   *
   * @returns null if the launcher refuses them
   * @throws Error if the parser has crashed, with what the sanitizer says
   */
  async read(args: readonly string[]): Promise<ReadOptions | null> {
    const words = ['reuse-exec', ...args]
    this.#child.stdin?.write([words.length, ...words, ''].join('\0'))
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the parser has crashed:\n${this.#complaints}`)
    return JSON.parse(value, revive)
  }
}

function compile(program: string, flags: readonly string[]): boolean {
  const folder = fileURLToPath(new URL('../..', import.meta.url))
  const args = ['-std=c11', '-D_GNU_SOURCE', '-Inative', ...flags, '-o', program, ...sources]
  return spawnSync(compiler, args, { cwd: folder }).status === 0
}

const texts = new Set(['weight', 'steering', 'library'])

/** Texts come as hexadecimal digits, because they may contain any byte. */
function revive(this: unknown, name: string, value: unknown): unknown {
  const isText = texts.has(name) || Array.isArray(this)
  return isText && typeof value === 'string' ? Buffer.from(value, 'hex').toString() : value
}
