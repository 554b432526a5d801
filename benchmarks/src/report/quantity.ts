import { format } from 'd3-format'
import type { Ratio } from './ratio.js'
import type { Measure } from './schema.js'

const significant = format(',.3~r')
const whole = format(',d')

/** Three digits that mean something, and all of those before the point. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–'
  return Math.abs(value) >= 100 ? whole(Math.round(value)) : significant(value)
}

/** `23,110 /s` */
export function formatQuantity(value: number, unit: string): string {
  return `${formatNumber(value)} ${unit}`.trim()
}

const decimals = format('.2f')
const manyDecimals = format('.3f')

export function formatRatio(value: number): string {
  return ratioFormat(value)(value)
}

/** Near 1 it is the third decimal that tells. */
function ratioFormat(ratio: number): (value: number) => string {
  if (ratio > 0.9 && ratio < 1.1) return manyDecimals
  return ratio < 10 && ratio >= 0.1 ? decimals : formatNumber
}

/** `1.94 (1.90 to 1.96)` */
export function formatInterval({
  value,
  low,
  high,
}: Pick<Ratio, 'value' | 'low' | 'high'>): string {
  const format = ratioFormat(value)
  return `${format(value)} (${format(low)} to ${format(high)})`
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
