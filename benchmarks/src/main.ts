/** `npm run bench -- [scenario …] [options]`; see the README. */
import path from 'node:path'
import { readCommandLine, UsageError, usage } from './command-line.js'
import { endOnSignals } from './ending.js'
import { formatClaims } from './harness/claims.js'
import { formatScenario } from './harness/format-scenario.js'
import { formatTime } from './harness/format-time.js'
import { TerminalProgress } from './harness/terminal-progress.js'
import { thisMachine } from './machine.js'
import { chooseNode } from './node-version.js'
import { type Report, type Scenario, writeReport } from './report/index.js'
import { Skip } from './skip.js'
import { frameworkVersions } from './versions.js'

async function main(args: readonly string[]): Promise<void> {
  const line = readCommandLine(args)
  if (line.help) {
    console.log(usage())
    return
  }
  endOnSignals()
  const taken = new Date().toISOString()
  const node = await chooseNode(line.node)
  const settings = { ...line, node }
  const estimates = line.scenarios.map((each) => [each.name, each.estimate(settings)] as const)
  const progress = new TerminalProgress(new Map(estimates))
  const machine = thisMachine()
  const { processors, processor, system, kernel } = machine
  console.log(`${taken}, ${processors} × ${processor}, ${system} ${kernel}, Node ${node.version}`)
  console.log(`This takes about ${formatTime(estimates.reduce((sum, [, s]) => sum + s, 0))}.`)

  const scenarios: Scenario[] = []
  const report = (scenarios: Scenario[]): Report => ({
    schema: 1,
    taken,
    command: ['npm run bench --', ...args].join(' '),
    machine,
    versions: { node: node.version.slice(1), ...frameworkVersions(), ...progress.versions },
    scenarios,
  })
  const file = line.json === undefined ? undefined : fileOf(line.json)
  for (const each of line.scenarios) {
    progress.begin(each.name)
    try {
      const scenario = await each.measure(settings, progress)
      progress.clear()
      scenario.skipped.push(...progress.failed(each.name))
      console.log(`\n${formatScenario(scenario)}`)
      // After each scenario: what one hour measured is kept if the run is aborted in the next.
      if (file !== undefined) writeReport(file, report([...scenarios, scenario]))
      scenarios.push(scenario)
    } catch (error) {
      if (error instanceof Skip) console.log(`\n${each.name}: skipped, ${error.message}`)
      else progress.fail('', error)
    }
  }
  console.log(formatClaims(report(scenarios)))
  if (file !== undefined && scenarios.length > 0) console.log(`\nwritten to ${file}`)
  if (progress.failures.length > 0) {
    const failed = progress.failures.map(({ scenario, what }) => [scenario, what].filter(Boolean))
    console.error(`\nfailed: ${failed.map((names) => names.join(': ')).join('\n        ')}`)
    process.exitCode = 1
  }
}

/** npm runs this program in a different folder than the one in which the name was typed. */
function fileOf(name: string): string {
  return path.resolve(process.env.INIT_CWD ?? '', name)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${usage()}`)
  process.exitCode = 2
}
