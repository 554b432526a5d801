import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Chart } from '../charts/chart.js'
import { paletteVariables } from '../charts/palette.js'
import { escapeXml, line, textLines } from './svg-text.js'

const width = 820
const padding = 20

export interface Frame {
  /** The question that the picture answers. */
  title: string
  /** Small, below: the machine, the date, the Node. */
  source: string
}

/**
 * A file that stands alone. It brings its own ground, for the page that shows it by <img> may be
 * dark where the reader's system is light.
 */
export function renderSvg(charts: readonly Chart[], { title, source }: Frame): string {
  const inner = width - 2 * padding
  let y = padding
  const parts: string[] = []
  const add = (part: string, height: number): void => {
    parts.push(part)
    y += height
  }
  for (const text of textLines(title, 80)) add(line(text, 'title', padding, y + 16), 24)
  for (const chart of charts) {
    for (const text of textLines(chart.heading ?? '', 100)) {
      add(line(text, 'heading', padding, y + 18), 24)
    }
    for (const text of textLines(chart.title, 115)) {
      add(line(text, 'subtitle', padding, y + 14), 20)
    }
    y += 6
    const { markup, height } = draw(chart, inner)
    add(`<g transform="translate(${padding},${y})">${markup}</g>`, height + 12)
  }
  for (const text of textLines(source, 130)) add(line(text, 'source', padding, y + 10), 16)
  const description = charts.map((chart) => `${chart.title}. ${chart.description}`).join(' ')
  const height = Math.ceil(y + padding - 8)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${stylesheet}</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" class="ground"/>`,
    ...parts,
    '</svg>',
  ].join('\n')}\n`
}

const stylesheet = `
:root { ${paletteVariables('light')} color: var(--chart-ink); font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { ${paletteVariables('dark')} } }
.ground { fill: var(--chart-surface); stroke: var(--chart-grid); }
.title { font-size: 18px; font-weight: 600; fill: var(--chart-ink); }
.heading { font-size: 14px; font-weight: 600; fill: var(--chart-ink); }
.subtitle { font-size: 13px; fill: var(--chart-ink); }
.source { font-size: 11px; fill: var(--chart-muted); }
`

function draw(chart: Chart, width: number): { markup: string; height: number } {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const options = chart.options({ width })
  const svg = Plot.plot({ ...options, document, className: 'plot' })
  // Its rules are for pages; as a part of a picture it has no use for them.
  svg.querySelector('style')?.remove()
  return { markup: shortNumbers(svg.outerHTML), height: Number(svg.getAttribute('height')) }
}

/** No eye sees a hundredth of a pixel, and the last digits may differ between two engines. */
function shortNumbers(markup: string): string {
  return markup.replaceAll(
    /-?\d+\.\d{3,}(?=[^<>]*>)/g,
    (number) => `${Number(Number(number).toFixed(2))}`,
  )
}
