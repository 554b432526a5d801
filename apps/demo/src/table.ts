import type { Queue } from '@reuse/core'
import Table from 'cli-table3'

export interface Row {
  program: string
  pid: number | null
  requests: number
  queue: Queue | undefined
}

/** Who answered, as a table for a terminal. */
export function formatTable(rows: Row[]): string {
  const table = new Table({
    head: ['program', 'pid', 'requests', 'share', 'accept queue'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  const all = rows.reduce((sum, { requests }) => sum + requests, 0)
  for (const { program, pid, requests, queue } of rows) {
    const share = all === 0 ? 0 : (100 * requests) / all
    const waiting = queue === undefined ? '-' : `${queue.length} of ${queue.limit}`
    table.push([program, pid ?? '-', requests, `${share.toFixed(1)} %`, waiting])
  }
  return table.toString()
}
