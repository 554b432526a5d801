import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  comparisonsOf,
  formatComparison,
  formatQuantity,
  summaryOf,
  verdictOf,
} from '@reuse/benchmarks/charts'
import { missingFrom, type NamedReport } from '@reuse/benchmarks/report'
import { publishedReports, reportsFolder } from '../../.vitepress/published.js'
import type { PublishedReport } from '../../.vitepress/theme/reports/published-report.js'

export default {
  load(): PublishedReport[] {
    const reports = publishedReports()
    return reports.map((named) => publishedReport(named, reports))
  },
}

function publishedReport(named: NamedReport, reports: readonly NamedReport[]): PublishedReport {
  const { name, report } = named
  const findings = report.scenarios.flatMap(comparisonsOf).map((comparison) => {
    const { scenario, case: each, reuse, other, verdict } = comparison
    return {
      scenario: scenario.name,
      case: each.name,
      metric: reuse.metric,
      reuse: reuse.side,
      reuseFigure: formatQuantity(summaryOf(reuse), reuse.unit),
      other: other.side,
      otherFigure: formatQuantity(summaryOf(other), other.unit),
      ratio: formatComparison(comparison),
      verdict,
    }
  })
  return {
    name,
    report,
    sentences: verdictOf(report.scenarios),
    pictured: existsSync(path.join(reportsFolder, name, 'headline.svg')),
    findings,
    missing: missingFrom(named, reports),
  }
}
