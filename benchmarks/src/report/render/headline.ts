import { headlineCharts } from '../charts/headline.js'
import type { Report } from '../schema.js'
import { sourceLine } from './source-line.js'
import { renderSvg } from './svg.js'

/** The picture of a report, twice: as wide as a phone, where its text can still be read, and wider. */
export const headlineFiles = { phone: 'headline.svg', wide: 'headline-wide.svg' }

const title = 'One port, several programs'

/** Both pictures, by their files; none, where the report has nothing for them. */
export function renderHeadline(report: Report): Map<string, string> {
  const charts = headlineCharts(report.scenarios)
  if (charts.length === 0) return new Map()
  const frame = { title, source: sourceLine(report) }
  return new Map([
    [headlineFiles.phone, renderSvg(charts, { ...frame, size: { width: 340, padding: 12 } })],
    [headlineFiles.wide, renderSvg(charts, { ...frame, columns: 2 })],
  ])
}

/** What shows them in Markdown. */
export function headlinePicture(description: string): string {
  return `<picture>
  <source media="(min-width: 880px)" srcset="${headlineFiles.wide}">
  <img src="${headlineFiles.phone}" alt="${description}">
</picture>`
}
