import type { Case, Measure } from '../report/index.js'

/** Something that has to hold in the cases of a scenario. */
export interface Rule {
  scenario: string
  metric: string
  /** For which cases it has to hold; default: all. */
  where?: (parameters: Case['parameters']) => boolean
  wanted: string
  /** Judges a case by its measures of that metric: no findings, if it lacks the measures it needs. */
  findings: (measures: readonly Measure[], parameters: Case['parameters']) => Finding[]
}

export interface Finding {
  /** Which side it is about, or is compared with, such as ` beside nginx`; empty if it is about @reuse. */
  side: string
  measured: string
  verdict: 'holds' | 'fails' | 'too few to tell'
}
