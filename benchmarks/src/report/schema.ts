/**
 * What a run of the benchmarks produces: samples and what is needed to read them, nothing computed.
 * Medians, spread and ratios are computed from the samples whenever a report is read.
 */
import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1 })

const Measure = Type.Object(
  {
    /**
     * What was measured, as readers see it: `@reuse`, `node:cluster RR`. The name of a side that uses
     * @reuse begins with `@reuse`, such as `@reuse source-address`; it is compared with all others.
     */
    side: Text,
    /**
     * What the samples are of: `requests per second`. The percentiles of a distribution are one
     * metric each, `latency p50`, `latency p99.9`, `latency max`, and are drawn as one chart.
     */
    metric: Text,
    /** `/s`, `ms`, `MiB`; empty if the metric's name says it all. */
    unit: Type.String(),
    /** Which direction is better; `neither` if a figure is reported but not judged. */
    better: Type.Union([Type.Literal('more'), Type.Literal('less'), Type.Literal('neither')]),
    /**
     * How the samples become one figure; default: `median`. `mean` is for counts of rare events, such
     * as failures: their median is 0 even if some rounds had failures.
     */
    summary: Type.Optional(Type.Union([Type.Literal('median'), Type.Literal('mean')])),
    /**
     * One per round. Samples of two sides with the same index were taken side by side, so that a change
     * on the machine between rounds affected both. A metric has the same number of samples for each side.
     */
    samples: Type.Array(Type.Number(), { minItems: 1 }),
  },
  strict,
)

const Case = Type.Object(
  {
    /** The name of the case, unique in its scenario: `Express, 2 members`. */
    name: Text,
    /** What makes this case differ from the others: `{ framework: 'Express', members: 2 }`. */
    parameters: Type.Record(Text, Type.Union([Type.String(), Type.Number()])),
    /** At most one for each side and metric; a side that could not run here has none. */
    measures: Type.Array(Measure),
  },
  strict,
)

const Scenario = Type.Object(
  {
    /** The name on the command line, and of its pages: `throughput`. */
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }),
    /** What the scenario answers, as a question; the title of its chart. */
    question: Text,
    /** What held for every case: `{ seconds: 3, rounds: 8, warmup: '1 s', client: 'wrk' }`. */
    settings: Type.Record(Text, Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    /** The parameter, a number in each case, that is the x axis of a line chart: `members`. */
    axis: Type.Optional(Text),
    /** The side that nothing can beat and that users cannot choose: `separate ports`. */
    ideal: Type.Optional(Text),
    /** The side that a user has today and would replace: `single listener`. */
    baseline: Type.Optional(Text),
    /** The first metric of the first case is the scenario's main one. */
    cases: Type.Array(Case),
    /** What was asked for and could not be measured here, and why. */
    skipped: Type.Array(Type.Object({ side: Text, reason: Text }, strict)),
  },
  strict,
)

export const Report = Type.Object(
  {
    /** The version of this schema. */
    schema: Type.Literal(1),
    /** When the run began, in the format of `Date.prototype.toISOString`. */
    taken: Type.String({ format: 'date-time' }),
    /** The command that was typed, in the root of the workspace. */
    command: Text,
    machine: Type.Object(
      {
        /** `Linux x64` */
        system: Text,
        /** `6.18.44` */
        kernel: Text,
        /** The model of the processors. */
        processor: Text,
        processors: Type.Integer({ minimum: 1 }),
        /** In bytes. */
        memory: Type.Integer({ minimum: 1 }),
      },
      strict,
    ),
    /** Of everything that took part: `{ node: '24.21.0', express: '5.1.0', wrk: '4.1.0' }`. */
    versions: Type.Record(Text, Text),
    scenarios: Type.Array(Scenario),
  },
  strict,
)

export type Report = Static<typeof Report>
export type Scenario = Report['scenarios'][number]
export type Case = Scenario['cases'][number]
export type Measure = Case['measures'][number]
