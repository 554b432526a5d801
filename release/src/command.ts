import { execFile } from 'node:child_process'

export interface Outcome {
  /** 0 for success; the signal's name if a signal ended the program. */
  status: number | string
  /** What it printed, on both streams. */
  output: string
  stdout: string
}

export interface CommandOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** In milliseconds. */
  timeout?: number
}

/** Runs a program until it ends, however it ends. */
export function run(
  [program = '', ...args]: readonly string[],
  { timeout = 180_000, ...options }: CommandOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { ...options, timeout, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : (error.signal ?? error.code ?? error.message)
        resolve({ status, output: stdout + stderr, stdout })
      },
    )
  })
}

/** Runs a program that must succeed, and resolves with what it printed on stdout. */
export async function succeed(
  command: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const { status, output, stdout } = await run(command, options)
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}:\n${output}`)
  return stdout
}
