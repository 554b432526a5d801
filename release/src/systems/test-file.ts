import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cache } from './cache.js'
import type { Host } from './host.js'
import type { Outcome } from './outcome.js'

const reporter = fileURLToPath(new URL('./reporter.js', import.meta.url))

/**
 * Runs one compiled test file on a host, and resolves with the outcomes of its tests. If the file's
 * exit code contradicts its tests, or it does not end in time, that is a separate failure.
 *
 * @param root the folder of the package whose test it is; the host runs there
 * @param limit in milliseconds
 */
export async function runTestFile(
  host: Host,
  root: string,
  file: string,
  limit: number,
): Promise<Outcome[]> {
  mkdirSync(cache, { recursive: true })
  const name = `${host.target}-${host.node}-${path.basename(file)}`
  const report = path.join(cache, `${name}.jsonl`)
  const output = path.join(cache, `${name}.txt`)
  rmSync(report, { force: true })

  // Relative: an emulator of another system may have a different root.
  const relative = (to: string): string => path.relative(root, to).replaceAll(path.sep, '/')
  const args = [
    `--test-reporter=./${relative(reporter)}`,
    `--test-reporter-destination=${relative(report)}`,
    relative(path.resolve(root, file)),
  ]
  const ended = await runToFile(
    [...host.command, ...args],
    root,
    environmentOf(host),
    output,
    limit,
  )

  const outcomes = readReport(report)
  const failed = outcomes.some(({ result }) => result === 'failed')
  if (ended === 'exit 0' ? outcomes.length > 0 : ended === 'exit 1' && failed) {
    for (const file of [report, output]) rmSync(file)
    return outcomes
  }
  host.cleanUp?.()
  const tail = readFileSync(output, 'utf8').split('\n').slice(-15).join('\n')
  return [...outcomes, { result: 'failed', test: file, why: `${ended}\n${tail}` }]
}

function environmentOf({ env, lacks }: Host): NodeJS.ProcessEnv {
  // Without the first, this runner would take the one in the host for a part of itself.
  return {
    ...process.env,
    NODE_TEST_CONTEXT: undefined,
    PREBUILDS_ONLY: '1',
    ...env,
    TEST_LACKS: JSON.stringify(lacks),
  }
}

/** Runs a command with its output in a file: unlike a pipe, every emulator can write to a file. */
async function runToFile(
  [program = '', ...args]: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  output: string,
  limit: number,
): Promise<string> {
  const file = openSync(output, 'w')
  // In its own process group: if the command is stopped, everything that it has started ends with it.
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', file, file], detached: true })
  closeSync(file)
  let late = false
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  const timer = setTimeout(() => {
    late = true
    kill()
  }, limit)
  process.once('exit', kill)
  const ended = await new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`))
  })
  clearTimeout(timer)
  process.off('exit', kill)
  return late ? `not done in ${limit / 1000} s` : ended
}

function readReport(file: string): Outcome[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return [] // It ended before it had anything to report.
  }
  // The last line may be cut off with the program.
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line): Outcome => JSON.parse(line))
}
