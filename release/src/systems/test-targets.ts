import path from 'node:path'
import { installMissing } from '../debian/packages.js'
import { nodeLines } from '../node-lines.js'
import { root } from '../root.js'
import { ensureBinaries } from './binaries.js'
import { type Lane, lanes, neverRun } from './lanes.js'
import { countOutcomes, type Outcome, type Run } from './outcome.js'
import { runSuite } from './suite.js'
import { systemsTable } from './table.js'

/** How long the whole run may take, in milliseconds; what has not run by then is a failure. */
const totalLimit = 25 * 60_000

/** What no test's deadline ends, such as an installation that hangs, is ended this much later. */
const grace = 60_000

export interface Selection {
  /** Only these targets, such as `win32-x64`; default: all. */
  targets?: readonly string[] | undefined
  /** Only these lines of Node, such as `24`. */
  nodes?: readonly string[] | undefined
}

/** Runs every binary that this machine can run, and prints the results. */
export async function testTargets({ targets, nodes }: Selection): Promise<Run[]> {
  const here = `${process.platform}-${process.arch}`
  if (here !== 'linux-x64') throw new Error(`this is ${here}: the emulators want linux-x64`)
  const unknown = targets?.find((name) => lanes.every(({ target }) => target !== name))
  if (unknown !== undefined) {
    const known = lanes.map(({ target }) => target).join(', ')
    throw new Error(`--target ${unknown}: it can be ${known}`)
  }
  const noNode = nodes?.find((line) => !nodeLines.some((known) => known === line))
  if (noNode !== undefined) throw new Error(`--node ${noNode}: it can be ${nodeLines.join(', ')}`)
  ensureBinaries()
  const deadline = performance.now() + totalLimit
  const watchdog = setTimeout(() => {
    console.error(`not done in ${(totalLimit + grace) / 60_000} minutes`)
    process.exit(1)
  }, totalLimit + grace)
  // So that what is running is ended too; a terminal's Ctrl-C does not reach it.
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  const chosen = lanes.filter(({ target, onDemand }) => targets?.includes(target) ?? !onDemand)
  const waiting = lanes.filter(({ onDemand }) => onDemand && targets === undefined)
  const missing = installMissing(chosen.flatMap(({ packages }) => packages))

  // One after the other: tests of sockets under load would disturb each other.
  const runs: Run[] = []
  for (const lane of chosen) runs.push(...(await runLane(lane, missing, nodes, deadline)))
  clearTimeout(watchdog)
  console.log(`\n${systemsTable(runs, neverRun)}`)
  for (const { target } of waiting) {
    console.log(`${target}: not run, it takes long: npm run test:targets -- --target ${target}`)
  }
  return runs
}

async function runLane(
  lane: Lane,
  missing: readonly string[],
  nodes: Selection['nodes'],
  deadline: number,
): Promise<Run[]> {
  const absent = lane.packages.map(({ name }) => name).filter((name) => missing.includes(name))
  if (absent.length > 0) return [unable(lane, `install ${absent.join(', ')} first`)]

  const runs: Run[] = []
  try {
    if (lane.check) {
      const run = await lane.check()
      printOutcomes(lane.target, run.outcomes)
      runs.push(run)
    }
    for (const host of (await lane.hosts?.()) ?? []) {
      if (!(nodes?.includes(host.node) ?? true)) continue
      const report = (file: string, outcomes: readonly Outcome[], seconds: number): void =>
        printOutcomes(`${host.target}, Node ${host.node}: ${file}`, outcomes, seconds)
      runs.push(await runSuite(host, path.join(root, 'packages/core'), deadline, report))
      host.cleanUp?.()
    }
  } catch (error) {
    runs.push(unable(lane, error instanceof Error ? error.message : String(error)))
  }
  return runs
}

/** A lane that cannot run is a failure: otherwise, nobody would notice that it is not tested. */
function unable({ target }: Lane, why: string): Run {
  const outcomes: Outcome[] = [{ result: 'failed', test: 'it runs here', why }]
  printOutcomes(target, outcomes)
  return { target, node: 'none', through: '', ran: 'nothing', outcomes, notRun: [] }
}

function printOutcomes(what: string, outcomes: readonly Outcome[], seconds?: number): void {
  const { passed, failed, skipped } = countOutcomes(outcomes)
  const time = seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`
  console.log(`${what}: ${passed} passed, ${failed} failed, ${skipped} skipped${time}`)
  for (const outcome of outcomes) {
    if (outcome.result === 'failed') console.log(`✖ ${outcome.test}\n${outcome.why}\n`)
  }
}
