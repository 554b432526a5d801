import { randomLcg } from 'd3-random'
import { mean } from 'simple-statistics'
import type { Measure } from './schema.js'

/** One side's figure divided by the other's, and the bounds of the 95 % interval of that ratio. */
export interface Ratio {
  value: number
  low: number
  high: number
  /** How many pairs of samples it is based on. */
  rounds: number
}

const resamples = 5000

/** The same in every run, so that the same samples give the same interval. */
const seed = 0.42

/** One figure for the samples, as the measure asks for it. */
export function summaryOf({ samples, summary = 'median' }: Measure): number {
  return summary === 'mean' ? mean([...samples]) : medianOf(samples)
}

/**
 * The ratio of two measures of one metric. Samples with the same index were taken side by side, so it
 * is computed from pairs: the median of their ratios or, if the summary is the mean, the ratio of the
 * means. The interval is a percentile bootstrap over the pairs.
 */
export function ratioOf(numerator: Measure, denominator: Measure): Ratio {
  const statistic =
    numerator.summary === 'mean'
      ? ratioOfMeans(numerator.samples, denominator.samples)
      : medianRatio(numerator.samples, denominator.samples)
  const rounds = numerator.samples.length
  const all = Array.from({ length: rounds }, (_, index) => index)
  const random = randomLcg(seed)
  const resampled = Array.from({ length: resamples }, () =>
    statistic(all.map(() => Math.floor(random() * rounds))),
  ).sort((a, b) => a - b)
  return {
    value: statistic(all),
    // Not interpolated: a ratio to 0 is infinite, and nothing lies midway between that and a number.
    low: resampled[Math.floor(0.025 * resamples)] ?? Number.NaN,
    high: resampled[Math.ceil(0.975 * resamples) - 1] ?? Number.NaN,
    rounds,
  }
}

/** A statistic of the pairs that have these indexes. */
type Statistic = (indexes: readonly number[]) => number

function medianRatio(numerators: readonly number[], denominators: readonly number[]): Statistic {
  const ratios = numerators.map((numerator, index) => divide(numerator, denominators[index]))
  return (indexes) => medianOf(indexes.map((index) => ratios[index] ?? Number.NaN))
}

function ratioOfMeans(numerators: readonly number[], denominators: readonly number[]): Statistic {
  const sum = (samples: readonly number[], indexes: readonly number[]) =>
    indexes.reduce((total, index) => total + (samples[index] ?? Number.NaN), 0)
  return (indexes) => divide(sum(numerators, indexes), sum(denominators, indexes))
}

/** Two sides that are both 0 are equal. */
function divide(numerator: number, denominator = Number.NaN): number {
  return numerator === 0 && denominator === 0 ? 1 : numerator / denominator
}

/** Not simple-statistics' median: that is not a number if the two samples in the middle are infinite. */
function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2
}
