import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Measure, type Report, type Scenario, writeReport } from '@reuse/benchmarks/report'

/** The name of the report. */
export const inventedReport = 'invented'

const parts = [0.98, 1.03, 1, 0.99, 1.02, 1.01, 0.97, 1.005]

function measure(side: string, value: number, rest: Partial<Measure> = {}): Measure {
  const samples = parts.map((part) => value * part)
  return { side, metric: 'requests per second', unit: '/s', better: 'more', samples, ...rest }
}

function scenario(name: string, rest: Partial<Scenario> = {}): Scenario {
  return { name, question: 'Which?', settings: { seconds: 1 }, cases: [], skipped: [], ...rest }
}

const bars = scenario('throughput', {
  ideal: 'separate ports',
  skipped: [{ side: 'nginx', reason: 'it is not installed' }],
  cases: ['Express', 'Koa'].map((framework) => ({
    name: framework,
    parameters: { framework },
    measures: [
      measure('@reuse', 1900),
      measure('single listener', 1000),
      measure('faster', 2400),
      measure('separate ports', 1950),
      measure('@reuse', 80, { metric: 'memory', unit: 'MiB', better: 'less' }),
      measure('single listener', 60, { metric: 'memory', unit: 'MiB', better: 'less' }),
    ],
  })),
})

const lines = scenario('scale', {
  axis: 'members',
  ideal: 'separate ports',
  cases: [1, 2, 4].map((members) => ({
    name: `${members} members`,
    parameters: { members },
    measures: [measure('@reuse', 480 * members), measure('separate ports', 490 * members)],
  })),
})

const percentiles = scenario('tail', {
  cases: [
    {
      name: 'one stalls',
      parameters: {},
      measures: ['p50', 'p99', 'max'].flatMap((percentile, index) =>
        ['@reuse', 'node:cluster RR'].map((side) =>
          measure(side, 3 * (index + 1), {
            metric: `latency ${percentile}`,
            unit: 'ms',
            better: 'less',
          }),
        ),
      ),
    },
  ],
})

const report: Report = {
  schema: 1,
  taken: '2000-01-01T00:00:00.000Z',
  command: 'npm run bench',
  machine: {
    system: 'Linux x64',
    kernel: '6.0.0',
    processor: 'Invented 9000',
    processors: 2,
    memory: 8 * 2 ** 30,
  },
  versions: { node: '20.19.0' },
  scenarios: [bars, lines, percentiles],
}

/** A folder with a report of invented numbers, and its still pictures; for tests, and never published. */
export function inventReports(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-reports-'))
  const file = path.join(folder, `${inventedReport}.json`)
  writeReport(file, report)
  const render = new URL('main.js', import.meta.resolve('@reuse/benchmarks/report'))
  execFileSync(process.execPath, [fileURLToPath(render), file])
  const picture = path.join(folder, inventedReport, 'throughput-requests-per-second.svg')
  copyFileSync(picture, path.join(folder, 'headline.svg'))
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}
