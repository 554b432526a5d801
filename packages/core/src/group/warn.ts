/** The warnings of a group; the README has the same table. */
export type GroupWarning =
  | 'REUSE_NOT_PRESENT'
  | 'REUSE_NOT_ARRANGED'
  | 'REUSE_NO_DESCRIPTORS'
  | 'REUSE_FOREIGN_FILTER'

export function warn(code: GroupWarning, what: string, why: unknown): void {
  const reason = why instanceof Error ? why.message : String(why)
  process.emitWarning(`${what}: ${reason}`, { type: 'ReuseWarning', code })
}
