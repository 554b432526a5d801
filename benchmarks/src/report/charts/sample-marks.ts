import * as Plot from '@observablehq/plot'
import { spreadOf } from '../../statistics.js'
import { formatNumber } from '../quantity.js'
import type { BarRow } from './bar-rows.js'
import { colour } from './palette.js'
import { tipMark } from './tip.js'

interface Sample {
  key: string
  value: number
  text: string
}

/** The samples behind each bar, as dots; pointing at a bar shows its spread and all its samples. */
export function sampleMarks(rows: readonly BarRow[]): Plot.Markish[] {
  const samples = rows.flatMap((row): Sample[] => {
    const text = describe(row)
    return row.samples.map((value) => ({ key: row.key, value, text }))
  })
  return [
    Plot.dot(samples, { x: 'value', y: 'key', r: 2, fill: colour('ink'), fillOpacity: 0.45 }),
    tipMark(
      samples,
      Plot.pointerY({ x: 'value', y: 'key', title: 'text', lineWidth: 26, lineHeight: 1.3 }),
    ),
  ]
}

function describe({ key, samples }: BarRow): string {
  const { min, low, high, max } = spreadOf(samples)
  return [
    key,
    `quartiles ${formatNumber(low)} to ${formatNumber(high)}`,
    `range ${formatNumber(min)} to ${formatNumber(max)}`,
    `${samples.length} samples: ${samples.map(formatNumber).join(' · ')}`,
  ].join('\n')
}
