import Table from 'cli-table3'
import { countOutcomes, type Run } from './outcome.js'

/** A table of what ran where, and below it what did not, with the reasons. */
export function systemsTable(runs: readonly Run[], neverRun: readonly string[]): string {
  const table = new Table({
    head: ['target', 'Node', 'through', 'ran', 'passed', 'failed', 'skipped'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const { target, node, through, ran, outcomes } of runs) {
    const { passed, failed, skipped } = countOutcomes(outcomes)
    table.push([target, node, through, ran, passed, failed, skipped])
  }
  const never = neverRun.map((target) => `${target}: never executed here; its headers are checked`)
  return [table.toString(), ...skipReasons(runs), ...never].join('\n')
}

/** `linux-arm64-glibc: skipped, qemu has no … (31 times)`: over all Nodes of a target. */
function skipReasons(runs: readonly Run[]): string[] {
  const counts = new Map<string, number>()
  const add = (line: string): unknown => counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const { target, outcomes, notRun } of runs) {
    for (const outcome of outcomes) {
      if (outcome.result === 'skipped') add(`${target}: skipped, ${outcome.why}`)
    }
    for (const why of notRun) counts.set(`${target}: not run, ${why}`, 1)
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`))
}
