import { execFile } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const compiled = new Map<string, Promise<string>>()

/**
 * Compiles a C program of native/, once in a run, and returns the path of the executable.
 *
 * @throws if there is no compiler
 */
export function compile(name: string): Promise<string> {
  const program = compiled.get(name) ?? build(name)
  compiled.set(name, program)
  return program
}

async function build(name: string): Promise<string> {
  const source = fileURLToPath(new URL(`../../native/${name}.c`, import.meta.url))
  const program = fileURLToPath(new URL(`../${name}`, import.meta.url))
  // Another process may be running the program, or compiling it, at this very moment.
  const own = `${program}.${process.pid}`
  await run('cc', ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-o', own, source])
  await rename(own, program)
  return program
}
