import type { Ratio, Report, Verdict } from '@reuse/benchmarks/charts'

/** What one comparison of a report comes to. */
export interface Finding {
  scenario: string
  case: string
  metric: string
  reuse: string
  other: string
  ratio: Ratio
  verdict: Verdict
}

/** A report as the site shows it. */
export interface PublishedReport {
  /** The name of its file, without the ending. */
  name: string
  report: Report
  findings: Finding[]
}

/** `wins: 4, loses: 1, no difference: 2` */
export function countVerdicts(findings: readonly Finding[]): string {
  const counts = new Map<Verdict, number>()
  for (const { verdict } of findings) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const order: Verdict[] = ['wins', 'loses', 'no difference', 'too few rounds', 'not judged']
  return order
    .filter((verdict) => counts.has(verdict))
    .map((verdict) => `${verdict}: ${counts.get(verdict)}`)
    .join(', ')
}
