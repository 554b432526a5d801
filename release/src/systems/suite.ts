import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Host } from './host.js'
import { type Failure, isFailure, type Outcome, type Run } from './outcome.js'
import { runTestFile } from './test-file.js'

/** How long one test file may take, in milliseconds. */
const fileLimit = 180_000

/** How many failing files are run once more on a host, at most. */
const mostAgain = 3

/** Files that generate input: a second run may have other input, and then says nothing about the first. */
const isRandom = /(fuzz|model)\.test\.js$/

/**
 * Runs the test files of a package on a host, one after the other: they start real processes. A file
 * that fails is run once more: a machine that is busy for a second can make a process late.
 *
 * @param deadline on the clock of `performance.now()`: files that have not run by then are failures
 * @param report is called when a file is done, with how long it took
 */
export async function runSuite(
  host: Host,
  root: string,
  deadline: number,
  report: (file: string, outcomes: readonly Outcome[], seconds: number) => void,
): Promise<Run> {
  const { target, node, through, only, leaveOut } = host
  const all = testFiles(root)
  const missing = [...(only ?? []), ...Object.keys(leaveOut)].find((file) => !all.includes(file))
  if (missing !== undefined) throw new Error(`${target}: there is no test file ${missing}`)
  const files = all.filter((file) => !(file in leaveOut) && (only?.includes(file) ?? true))

  const run = async (file: string, title: string): Promise<Outcome[]> => {
    const limit = Math.min(host.fileLimit ?? fileLimit, deadline - performance.now())
    const late: Outcome = { result: 'failed', test: file, why: 'not begun: the time was up' }
    const start = performance.now()
    const done = limit > 0 ? await runTestFile(host, root, `dist/test/${file}`, limit) : [late]
    report(title, done, (performance.now() - start) / 1000)
    return done
  }
  const outcomes: Outcome[] = []
  const unsteady: Failure[] = []
  let again = 0
  for (const file of files) {
    let done = await run(file, file)
    const failures = done.filter(isFailure)
    const mayRun = again < mostAgain && !isRandom.test(file) && performance.now() < deadline
    if (failures.length > 0 && mayRun) {
      again++
      done = await run(file, `${file}, once more`)
      if (!done.some(isFailure)) unsteady.push(...failures)
    }
    outcomes.push(...done)
  }

  const some = only === undefined ? '' : ` of ${all.length}, chosen to save time`
  const notRun = Object.entries(leaveOut).map(([file, why]) => `${file}: ${why}`)
  return {
    target,
    node,
    through,
    ran: `${files.length} test files${some}`,
    outcomes,
    unsteady,
    notRun,
  }
}

function testFiles(root: string): string[] {
  return readdirSync(path.join(root, 'dist/test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort()
}
