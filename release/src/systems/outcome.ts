export interface Failure {
  result: 'failed'
  test: string
  why: string
}

/** What became of one test. */
export type Outcome =
  | { result: 'passed'; test: string }
  | Failure
  | { result: 'skipped'; test: string; why: string }

export function isFailure(outcome: Outcome): outcome is Failure {
  return outcome.result === 'failed'
}

/** What ran on one host, and what could not. */
export interface Run {
  target: string
  node: string
  through: string
  /** For people: `31 test files`. */
  ran: string
  outcomes: Outcome[]
  /** Failures of files that passed when they were run once more. */
  unsteady?: readonly Failure[]
  /** What was not run, and why; this is not a failure. */
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
