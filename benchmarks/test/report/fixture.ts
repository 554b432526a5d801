import type { Measure, Report, Scenario } from '../../src/report/index.js'

/** A report with invented numbers: it must never be published. */
export function report(scenarios: Report['scenarios'] = []): Report {
  return {
    schema: 1,
    taken: '2026-11-22T19:00:00.000Z',
    command: 'npm run bench -- throughput',
    machine: {
      system: 'Linux x64',
      kernel: '6.18.44',
      processor: 'Invented 9000',
      processors: 2,
      memory: 8 * 2 ** 30,
    },
    versions: { node: '24.21.0', express: '5.1.0' },
    scenarios,
  }
}

/** Samples around a value, the same for each side and in each run. */
export function around(value: number, rounds = 8): number[] {
  const parts = [0.98, 1.03, 1, 0.99, 1.02, 1.01, 0.97, 1.005]
  return parts.slice(0, rounds).map((part) => value * part)
}

export function measure(side: string, samples: number[], rest: Partial<Measure> = {}): Measure {
  return { side, metric: 'requests per second', unit: '/s', better: 'more', samples, ...rest }
}

export function scenario(measures: Measure[], rest: Partial<Scenario> = {}): Scenario {
  const cases = [{ name: 'http', parameters: { members: 2 }, measures }]
  return {
    name: 'throughput',
    question: 'How many?',
    settings: {},
    cases,
    skipped: [],
    ...rest,
  }
}

/** One of each kind of chart; @reuse wins, loses, and makes no difference. */
export function everyKind(): Scenario[] {
  const sides = { 'single listener': 1000, '@reuse': 1900, faster: 2200, 'separate ports': 1900 }
  const measures = Object.entries(sides).map(([side, value]) => measure(side, around(value)))
  const percentiles = ['p50', 'p99', 'max'].flatMap((percentile, index) =>
    Object.entries({ '@reuse steered': 2, 'kernel hash': 20 }).map(([side, value]) =>
      measure(side, around(value * (index + 1)), {
        metric: `latency ${percentile}`,
        unit: 'ms',
        better: 'less',
      }),
    ),
  )
  const failures = Object.entries({
    '@reuse leave': [0, 0, 0, 0, 0, 0, 0, 0],
    'plain close': [3, 0, 9, 1, 4, 4, 2, 7],
  }).map(([side, samples]) =>
    measure(side, samples, { metric: 'failed', unit: '', better: 'less', summary: 'mean' }),
  )
  const members = [1, 2, 4].map((count) => ({
    name: `${count} members`,
    parameters: { members: count, clients: 16 * count },
    measures: ['@reuse', 'separate ports'].map((side) => measure(side, around(480 * count))),
  }))
  return [
    scenario(measures, { ideal: 'separate ports', baseline: 'single listener' }),
    scenario([], { name: 'scale', axis: 'members', ideal: 'separate ports', cases: members }),
    scenario(percentiles, { name: 'tail', question: 'What is the tail?' }),
    scenario(failures, { name: 'restart', question: 'What is lost?' }),
  ]
}
