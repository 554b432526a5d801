/** What happened while an app was reloaded under load, as the home page shows it. Times are milliseconds. */
export interface Recording {
  /** The day. */
  date: string
  system: string
  node: string
  processors: number
  workers: number
  /** How many requests were sent per second, each on a new connection; fewer if too many waited. */
  rate: number
  /** How long it was recorded. */
  duration: number
  /** The length of a part of that time. */
  interval: number
  /** Requests sent in each part, by who answered them: workers of the old version or of the new one. */
  old: number[]
  new: number[]
  /** Requests that nobody answered. */
  failed: number[]
  /** Why they failed. */
  reasons: string[]
  /** What was typed and printed. */
  lines: { time: number; text: string }[]
}

/** The totals of a recording. */
export function countRequests({ old, new: replaced, failed }: Recording) {
  const lost = sum(failed)
  return { sent: sum(old) + sum(replaced) + lost, failed: lost }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
