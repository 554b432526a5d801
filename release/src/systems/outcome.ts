/** What became of one test. */
export type Outcome =
  | { result: 'passed'; test: string }
  | { result: 'failed'; test: string; why: string }
  | { result: 'skipped'; test: string; why: string }

/** What ran on one host, and what could not. */
export interface Run {
  target: string
  node: string
  through: string
  /** For people: `31 test files`. */
  ran: string
  outcomes: Outcome[]
  /** What was not run, and why; it is no failure. */
  notRun: string[]
}

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export function countOutcomes(outcomes: readonly Outcome[]): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { result } of outcomes) counts[result]++
  return counts
}
