import type { Chart } from '../charts/chart.js'
import { renderSvg } from './svg.js'
import { escapeXml } from './svg-text.js'

const phone = { width: 340, padding: 12 }

export interface Frame {
  /** The question that the picture answers. */
  title: string
  /** Small, below: the machine, the date, the Node. */
  source: string
  /** How many charts are side by side if there is room. */
  columns?: number
}

/** A picture in two files: one as wide as a phone, whose text stays legible there, and a wider one. */
export function renderPicture(
  name: string,
  charts: readonly Chart[],
  { title, source, columns = 1 }: Frame,
): [file: string, svg: string][] {
  return [
    [`${name}.svg`, renderSvg(charts, { title, source, size: phone })],
    [`${name}-wide.svg`, renderSvg(charts, { title, source, columns })],
  ]
}

/** The markup that shows a picture in Markdown. */
export function showPicture(name: string, description: string): string {
  return `<picture>
  <source media="(min-width: 880px)" srcset="${escapeXml(name)}-wide.svg">
  <img src="${escapeXml(name)}.svg" alt="${escapeXml(description)}">
</picture>`
}
