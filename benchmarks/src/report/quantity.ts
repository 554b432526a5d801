import { format } from 'd3-format'
import type { Ratio } from './ratio.js'
import type { Measure } from './schema.js'

const significant = format(',.3~r')
const whole = format(',d')

/** Three significant digits, and all digits before the decimal point. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–'
  return Math.abs(value) >= 100 ? whole(Math.round(value)) : significant(value)
}

/** `23,110 /s` */
export function formatQuantity(value: number, unit: string): string {
  return `${formatNumber(value)} ${unit}`.trim()
}

const two = format('.2f')
const three = format('.3f')
const four = format('.4f')
const five = format('.5f')

export function formatRatio(ratio: number): string {
  return ratioFormat(ratio)(ratio)
}

/** Near 1, the third decimal matters. */
function ratioFormat(ratio: number): (value: number) => string {
  if (ratio > 0.9 && ratio < 1.1) return three
  return ratio < 10 && ratio >= 0.1 ? two : formatNumber
}

/** `1.94 (1.90 to 1.96)`, with enough digits to tell it from 1; `0` or `1` if all pairs say so. */
export function formatInterval({
  value,
  low,
  high,
}: Pick<Ratio, 'value' | 'low' | 'high'>): string {
  if (low === high && (value === 0 || value === 1)) return formatNumber(value)
  const farthest = Math.max(Math.abs(low - 1), Math.abs(high - 1))
  const near = farthest < 0.001 ? five : four
  const format = farthest < 0.01 ? near : ratioFormat(value)
  const bound = (ratio: number): string => {
    const text = format(ratio)
    // A bound that would look like 1 gets enough digits to differ from 1.
    const more = Number(text) === 1 && ratio !== 1 ? [three, four, five] : []
    return more.map((each) => each(ratio)).find((each) => Number(each) !== 1) ?? text
  }
  return `${format(value)} (${bound(low)} to ${bound(high)})`
}

/** `requests per second, /s; more is better` */
export function describeMetric({ metric, unit, better }: Measure): string {
  return [
    describeUnit(metric, unit),
    ...(better === 'neither' ? [] : [`${better} is better`]),
  ].join('; ')
}

export function describeUnit(metric: string, unit: string): string {
  return unit === '' ? metric : `${metric}, ${unit}`
}
