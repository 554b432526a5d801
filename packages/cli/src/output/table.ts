import { printable } from './print.js'
import { styled } from './style.js'

/** One column: its heading, and whether it has numbers. */
export interface Column {
  title: string
  align?: 'left' | 'right'
}

/** Columns without lines, as in `ps` and `docker ps`. */
const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: '  ',
}

/** Formats rows below their headings. */
export async function formatTable(
  columns: readonly Column[],
  rows: readonly string[][],
): Promise<string> {
  // `reuse exec` must start fast, and prints no table.
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: columns.map(({ title }) => styled('bold', title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => row.map(printable)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
