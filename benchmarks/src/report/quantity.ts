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

/** Near 1 it is the third decimal that tells. */
export function formatRatio(value: number): string {
  if (value > 0.9 && value < 1.1) return manyDecimals(value)
  return value < 10 && (value >= 0.1 || value === 0) ? decimals(value) : formatNumber(value)
}

/** `1.94 (1.90 to 1.96)` */
export function formatInterval({ value, low, high }: Ratio): string {
  return `${formatRatio(value)} (${formatRatio(low)} to ${formatRatio(high)})`
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
