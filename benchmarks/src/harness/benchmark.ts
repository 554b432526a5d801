import type { NodeVersion } from '../node-version.js'
import type { Scenario } from '../report/index.js'
import type { Side } from '../sides/side.js'

/** What the command line says. A scenario has defaults of its own for what is not there. */
export interface Settings {
  node: NodeVersion
  /** Everything, in place of what takes a few minutes. */
  full: boolean
  /** The sides that are wanted; the ideal and @reuse are always among them. */
  sides: readonly Side[]
  rounds?: number
  seconds?: number
  leaves?: number
  connections?: number
  rate?: number
}

/** What a scenario tells while it runs. */
export interface Progress {
  /** What begins now, as `Express, round 2 of 5, node:cluster RR`, and how much of all is done. */
  step(what: string, done: number, total: number): void
  /** Something failed and is taken once more, which the report says. */
  again(what: string, error: unknown): void
  /** Something failed and is left out of the report. The run goes on, and ends with exit code 1. */
  fail(what: string, error: unknown): void
  /** What took part, and in which version: `{ wrk: '4.1.0' }`. */
  tookPart(versions: Readonly<Record<string, string>>): void
}

/** A scenario that can be run: one file in scenarios/. */
export interface Benchmark {
  /** On the command line, and in the report. */
  name: string
  question: string
  /** About how long it takes, in seconds. */
  estimate(settings: Settings): number
  /**
   * Takes the samples. It prints nothing: what it found is printed from what it returns.
   *
   * @throws Skip where this machine cannot do it
   */
  measure(settings: Settings, progress: Progress): Promise<Scenario>
}
