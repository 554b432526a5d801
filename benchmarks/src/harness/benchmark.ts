import type { NodeVersion } from '../node-version.js'
import type { Scenario } from '../report/index.js'
import type { Side } from '../sides/side.js'

/** What the command line says. A scenario has its own defaults for what is missing. */
export interface Settings {
  node: NodeVersion
  /** Whether to measure everything, instead of what takes a few minutes. */
  full: boolean
  /** The requested sides; @reuse is always among them. */
  sides: readonly Side[]
  rounds?: number
  seconds?: number
  leaves?: number
  connections?: number
  rate?: number
}

/** What a scenario reports while it runs. */
export interface Progress {
  /** What begins now, such as `Express, round 2 of 5, node:cluster RR`, and how much of all is done. */
  step(what: string, done: number, total: number): void
  /** Something failed and is repeated once, which the report says. */
  again(what: string, error: unknown): void
  /** Something failed and is left out of the report. The run continues, and ends with exit code 1. */
  fail(what: string, error: unknown): void
  /** Which programs took part, and in which versions: `{ wrk: '4.1.0' }`. */
  tookPart(versions: Readonly<Record<string, string>>): void
}

/** A scenario that can be run: one file in scenarios/. */
export interface Benchmark {
  /** Its name on the command line, and in the report. */
  name: string
  question: string
  /** About how long it takes, in seconds. */
  estimate(settings: Settings): number
  /**
   * Takes the samples. Prints nothing: the caller prints the result from the return value.
   *
   * @throws Skip if this machine cannot do it
   */
  measure(settings: Settings, progress: Progress): Promise<Scenario>
}
