/** What became of the requests of one kind of client. */
export interface Tally {
  connections: number
  answered: number
  /** How many failed, by the error and the moment it occurred. */
  failed: Record<string, number>
}

export function emptyTally(): Tally {
  return { connections: 0, answered: 0, failed: {} }
}

export function countFailure(failed: Record<string, number>, what: string, times = 1): void {
  failed[what] = (failed[what] ?? 0) + times
}

export function failuresOf({ failed }: Tally): number {
  return Object.values(failed).reduce((sum, times) => sum + times, 0)
}

/** `12 (9 ECONNRESET before the response, 3 …)`, or `0`. */
export function formatFailures(tally: Tally): string {
  const kinds = Object.entries(tally.failed).sort(([, a], [, b]) => b - a)
  const total = failuresOf(tally)
  if (total === 0) return '0'
  return `${total} (${kinds.map(([what, times]) => `${times} ${what}`).join(', ')})`
}
