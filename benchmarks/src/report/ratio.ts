import { randomLcg } from 'd3-random'
import { mean, medianSorted } from 'simple-statistics'
import type { Measure } from './schema.js'

/** How many of one side there are for one of the other, and the bounds of its 95 % interval. */
export interface Ratio {
  value: number
  low: number
  high: number
  /** How many pairs of samples it stands on. */
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
 * The ratio of two measures of one metric. Samples of one index were taken beside each other, so it
 * is made of pairs: the median of their ratios; or, of what is counted by its mean, the ratio of the
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
    // Not between two of them: a ratio to nothing is infinite, and there is no middle to that.
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

/** Two sides that both have nothing are alike. */
function divide(numerator: number, denominator = Number.NaN): number {
  return numerator === 0 && denominator === 0 ? 1 : numerator / denominator
}

function medianOf(samples: readonly number[]): number {
  return medianSorted([...samples].sort((a, b) => a - b))
}
