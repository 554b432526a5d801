import { headlineCharts } from '../charts/headline.js'
import type { Report } from '../schema.js'
import { renderPicture } from './picture.js'
import { sourceLine } from './source-line.js'

/** The name of the picture with which a report begins. */
export const headlineName = 'headline'

const title = 'One port, several programs'

/** That picture, by file name; empty if the report has nothing for it. */
export function renderHeadline(report: Report): Map<string, string> {
  const charts = headlineCharts(report.scenarios)
  if (charts.length === 0) return new Map()
  const frame = { title, source: sourceLine(report), columns: 2 }
  return new Map(renderPicture(headlineName, charts, frame))
}
