import type { Report } from '../../src/report/index.js'

/** A report with invented numbers: what it must not be is published. */
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
