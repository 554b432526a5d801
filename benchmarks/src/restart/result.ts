import { addTallies, failuresOf, formatFailures, type Tally } from '../load/tally.js'
import { formatSummary, type Summary, summarize } from '../statistics.js'
import { printTable } from '../table.js'
import type { Side, Storm } from './storm.js'

/** What all storms of one side saw together. */
export interface RestartResult {
  side: Side
  leaves: number
  /** From `server.close()` until the server stopped listening, in milliseconds. */
  left: Summary
  /** The same until its last connection was over. */
  closed: Summary
  /** Leaves in which the program cut off connections that did not end. */
  cut: number
  /** Of @reuse: leaves that do not say that they lost nothing, by their reason. */
  notLossless: Record<string, number>
  seconds: number
  /** Connections a second that were made, of those with one request. */
  rate: number
  newConnections: Tally
  keepAlive: Tally
  withheld: number
  connectTimes: Summary
}

export function restartResult(side: Side, storms: readonly Storm[]): RestartResult {
  const leaves = storms.flatMap((storm) => storm.leaves)
  const loads = storms.map(({ load }) => load)
  const seconds = loads.reduce((sum, load) => sum + load.seconds, 0)
  const newConnections = addTallies(loads.map((load) => load.newConnections))
  const notLossless: Record<string, number> = {}
  for (const { report } of leaves) {
    if (report === undefined || report.lossless) continue
    const { reason = 'no reason' } = report
    notLossless[reason] = (notLossless[reason] ?? 0) + 1
  }
  return {
    side,
    leaves: leaves.length,
    left: summarize(leaves.map(({ left }) => left)),
    closed: summarize(leaves.map(({ closed }) => closed)),
    cut: leaves.filter(({ cut }) => cut).length,
    notLossless,
    seconds,
    rate: newConnections.connections / seconds,
    newConnections,
    keepAlive: addTallies(loads.map((load) => load.keepAlive)),
    withheld: loads.reduce((sum, load) => sum + load.withheld, 0),
    connectTimes: summarize(loads.flatMap((load) => load.connectTimes)),
  }
}

export function failuresOfResult({ newConnections, keepAlive }: RestartResult): number {
  return failuresOf(newConnections) + failuresOf(keepAlive)
}

export function printRestartResults(results: readonly RestartResult[]): void {
  const row = (name: string, cell: (result: RestartResult) => string | number): string[] => [
    name,
    ...results.map((result) => String(cell(result))),
  ]
  const requestsPerSecond = ({ keepAlive, seconds }: RestartResult): string =>
    (keepAlive.answered / seconds).toFixed(0)
  const withKeepAlive = results.some(({ keepAlive }) => keepAlive.connections > 0)
  printTable(
    ['', ...results.map(({ side }) => side)],
    [
      row('leaves', ({ leaves }) => leaves),
      row('new connections', ({ newConnections }) => newConnections.connections),
      row('  a second', ({ rate }) => rate.toFixed(0)),
      row('  failed', ({ newConnections }) => formatFailures(newConnections)),
      ...(withKeepAlive
        ? [
            row('keep-alive requests', ({ keepAlive }) => keepAlive.answered),
            row('  a second', requestsPerSecond),
            row('  connections', ({ keepAlive }) => keepAlive.connections),
            row('  failed', ({ keepAlive }) => formatFailures(keepAlive)),
          ]
        : []),
      row('handshake, ms', ({ connectTimes }) => formatSummary(connectTimes)),
      row('leave, ms', ({ left }) => formatSummary(left)),
      row('close, ms', ({ closed }) => formatSummary(closed)),
      row('  cut off', ({ cut }) => cut),
      row('not lossless', ({ notLossless }) => formatCounts(notLossless)),
      row('not sent in time', ({ withheld }) => withheld),
    ],
  )
}

function formatCounts(counts: Record<string, number>): string {
  const entries = Object.entries(counts)
  return entries.length === 0 ? '0' : entries.map(([what, n]) => `${n} ${what}`).join(', ')
}
