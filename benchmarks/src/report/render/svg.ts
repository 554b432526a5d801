import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Chart } from '../charts/chart.js'
import { paletteVariables } from '../charts/palette.js'
import { escapeXml, lines } from './svg-text.js'

/** In the picture's own pixels; it may be shown larger or smaller. */
const wide = { width: 820, padding: 20 }
const gap = 32

interface Layout {
  title: string
  source: string
  size?: { width: number; padding: number }
  /** How many charts are side by side. */
  columns?: number
}

/** A part of a picture, drawn from its upper left corner. */
interface Block {
  markup: string
  height: number
}

/**
 * A standalone file. It has its own background, because the page that shows it in an <img> may be
 * dark while the reader's system is light.
 */
export function renderSvg(
  charts: readonly Chart[],
  { title, source, size: { width, padding } = wide, columns = 1 }: Layout,
): string {
  const inner = width - 2 * padding
  const chartWidth = (inner - gap * (columns - 1)) / columns
  const rows = inRows(
    charts.map((chart) => chartBlock(chart, chartWidth)),
    columns,
  )
  const picture = stack([
    lines(title, 'title', inner),
    { markup: '', height: 4 },
    ...rows.map((row) => beside(row, chartWidth + gap)),
    lines(source, 'source', inner),
  ])
  const description = charts.map((chart) => `${chart.title}. ${chart.description}`).join(' ')
  const height = Math.ceil(picture.height + 2 * padding - 8)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${stylesheet}</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" class="ground"/>`,
    moved(picture.markup, padding, padding),
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
.source { font-size: 12px; fill: var(--chart-muted); }
`

function chartBlock(chart: Chart, width: number): Block {
  return stack([
    lines(chart.heading ?? '', 'heading', width),
    lines(chart.title, 'subtitle', width),
    { markup: '', height: 6 },
    draw(chart, width),
    lines(chart.note ?? '', 'source', width),
    { markup: '', height: 12 },
  ])
}

function inRows(blocks: readonly Block[], columns: number): Block[][] {
  const count = Math.ceil(blocks.length / columns)
  return Array.from({ length: count }, (_, row) => blocks.slice(row * columns, (row + 1) * columns))
}

/** Puts blocks one below the other. */
function stack(blocks: readonly Block[]): Block {
  let height = 0
  const parts: string[] = []
  for (const block of blocks) {
    if (block.markup !== '') parts.push(moved(block.markup, 0, height))
    height += block.height
  }
  return { markup: parts.join('\n'), height }
}

function beside(blocks: readonly Block[], width: number): Block {
  return {
    markup: blocks.map(({ markup }, index) => moved(markup, index * width, 0)).join('\n'),
    height: Math.max(...blocks.map(({ height }) => height)),
  }
}

function moved(markup: string, x: number, y: number): string {
  return x === 0 && y === 0 ? markup : `<g transform="translate(${x},${y})">${markup}</g>`
}

function draw(chart: Chart, width: number): Block {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const options = chart.options({ width })
  const svg = Plot.plot({ ...options, document, className: 'plot' })
  // Plot's style rules are for pages; a part of a picture does not need them.
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
