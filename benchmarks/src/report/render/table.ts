import { markdownTable } from 'markdown-table'

/** @param align a letter for each column: `l` or `r` */
export function table(rows: readonly (readonly string[])[], align: string): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  return markdownTable(escaped, { align: [...align] })
}
