import type { Case, Measure } from '../report/index.js'

/** Something that has to hold in the cases of a scenario. */
export interface Rule {
  scenario: string
  metric: string
  /** Of which cases it is to hold; all, where it is left out. */
  where?: (parameters: Case['parameters']) => boolean
  wanted: string
  /** What a case says to it, by its measures of that metric: nothing, where it has too few of them. */
  findings: (measures: readonly Measure[], parameters: Case['parameters']) => Finding[]
}

export interface Finding {
  /** Of whom it is, or beside whom, as ` beside nginx`; empty, where it is of @reuse. */
  side: string
  measured: string
  verdict: 'holds' | 'FALLS SHORT' | 'too few to tell'
}
