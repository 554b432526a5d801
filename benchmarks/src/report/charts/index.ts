/**
 * Draws the charts of the reports, in a browser as well as in Node: pass the result of `options` to
 * Observable Plot's `plot`, in a page that defines the palette's variables.
 */
export {
  type Comparison,
  comparisonsOf,
  fewestRounds,
  formatComparison,
  isReuse,
  type Verdict,
} from '../comparison.js'
export {
  describeMetric,
  formatInterval,
  formatNumber,
  formatQuantity,
  formatRatio,
} from '../quantity.js'
export { type Ratio, ratioOf, summaryOf } from '../ratio.js'
export type { Case, Measure, Report, Scenario } from '../schema.js'
export { type Sentence, verdictOf } from '../verdict.js'
export type { Chart, Drawing } from './chart.js'
export { chartsOf } from './charts-of.js'
export { headlineCharts } from './headline.js'
export { paletteVariables } from './palette.js'
