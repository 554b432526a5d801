import * as Plot from '@observablehq/plot'
import { formatNumber, type Scenario } from '@reuse/benchmarks/charts'
import { spreadOf } from './spread.js'

interface Sample {
  key: string
  value: number
  text: string
}

/** The samples behind each bar, as dots; what the pointer is at tells its spread and all of them. */
export function sampleMarks({ cases }: Scenario, keys: ReadonlySet<unknown>): Plot.Markish[] {
  const samples: Sample[] = cases.flatMap((each) =>
    each.measures.flatMap((measure) => {
      const key = `${each.name}: ${measure.side}`
      const { min, low, high, max } = spreadOf(measure.samples)
      const text = [
        key,
        `quartiles ${formatNumber(low)} to ${formatNumber(high)}`,
        `range ${formatNumber(min)} to ${formatNumber(max)}`,
        `${measure.samples.length} samples: ${measure.samples.map(formatNumber).join(' · ')}`,
      ].join('\n')
      return measure.samples.map((value) => ({ key, value, text }))
    }),
  )
  const shown = samples.filter(({ key }) => keys.has(key))
  return [
    Plot.dot(shown, {
      x: 'value',
      y: 'key',
      r: 2,
      fill: 'var(--chart-ink)',
      fillOpacity: 0.45,
      clip: true,
    }),
    Plot.tip(
      shown,
      Plot.pointerY({
        x: 'value',
        y: 'key',
        title: 'text',
        lineWidth: 26,
        lineHeight: 1.3,
        fill: 'var(--chart-surface)',
        stroke: 'var(--chart-muted)',
      }),
    ),
  ]
}
