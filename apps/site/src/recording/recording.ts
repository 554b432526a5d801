/** What happened while an app was reloaded under load, as the home page shows it. Times are milliseconds. */
export interface Recording {
  /** The day. */
  date: string
  system: string
  node: string
  processors: number
  workers: number
  /** How many requests were sent per second, each on a new connection; fewer where too many waited. */
  rate: number
  /** How long it was recorded. */
  duration: number
  /** The length of a part of that time. */
  interval: number
  /** Requests sent in each part, by who answered them: workers of the old version or of the new one. */
  old: number[]
  new: number[]
  /** Those that nobody answered. */
  failed: number[]
  /** Why. */
  reasons: string[]
  /** What was typed and printed. */
  lines: { time: number; text: string }[]
}

/** What a recording comes to. */
export function countRequests({ old, new: replaced, failed }: Recording) {
  const lost = sum(failed)
  return { sent: sum(old) + sum(replaced) + lost, failed: lost }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
