import type { Report, Sentence, Verdict } from '@reuse/benchmarks/charts'
import type { LastMeasured } from '@reuse/benchmarks/report'

/** What one comparison of a report comes to, as it is shown. */
export interface Finding {
  scenario: string
  case: string
  metric: string
  reuse: string
  reuseFigure: string
  other: string
  otherFigure: string
  ratio: string
  verdict: Verdict
}

/** A report as the site shows it. */
export interface PublishedReport {
  /** The name of its file, without the ending. */
  name: string
  report: Report
  /** What it comes to, for people. */
  sentences: Sentence[]
  /** Whether there are pictures of that. */
  pictured: boolean
  findings: Finding[]
  /** The scenarios that it lacks, and which other report has them. */
  missing: LastMeasured[]
}

/** In the order in which they are told: what is lost first. */
export const verdicts: readonly (readonly [Verdict, string])[] = [
  ['loses', '@reuse loses'],
  ['wins', '@reuse wins'],
  ['no difference', 'no measurable difference'],
  ['too few rounds', 'too few rounds to tell'],
]

/** `@reuse loses: 1, @reuse wins: 4, no measurable difference: 2` */
export function countVerdicts(findings: readonly Finding[]): string {
  return verdicts
    .map(([verdict, title]) => [title, findings.filter((one) => one.verdict === verdict).length])
    .filter(([, count]) => count !== 0)
    .map(([title, count]) => `${title}: ${count}`)
    .join(', ')
}
