import path from 'node:path'
import { comparisonsOf } from '@reuse/benchmarks/charts'
import { readReport } from '@reuse/benchmarks/report'
import { reportNames, reportsFolder } from '../../.vitepress/published.js'
import type { PublishedReport } from '../../.vitepress/theme/reports/published-report.js'

export default {
  load(): PublishedReport[] {
    return reportNames()
      .map((name) => publishedReport(name))
      .sort((a, b) => b.report.taken.localeCompare(a.report.taken, 'en'))
  },
}

function publishedReport(name: string): PublishedReport {
  const report = readReport(path.join(reportsFolder, `${name}.json`))
  const findings = report.scenarios.flatMap(comparisonsOf).map((comparison) => ({
    scenario: comparison.scenario.name,
    case: comparison.case.name,
    metric: comparison.reuse.metric,
    reuse: comparison.reuse.side,
    other: comparison.other.side,
    ratio: comparison.ratio,
    verdict: comparison.verdict,
  }))
  return { name, report, findings }
}
