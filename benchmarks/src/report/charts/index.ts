/**
 * Draws the charts of the reports, in a browser as well as in Node: pass the result of `options` to
 * Observable Plot's `plot`, in a page that defines the palette's variables.
 */

export { spreadOf } from '../../statistics.js'
export {
  type Comparison,
  comparisonsOf,
  formatComparison,
  type Verdict,
} from '../comparison.js'
export {
  describeMetric,
  formatNumber,
  formatQuantity,
} from '../quantity.js'
export { summaryOf } from '../ratio.js'
export type { Case, Measure, Report, Scenario } from '../schema.js'
export { type Sentence, verdictOf } from '../verdict.js'
export type { Chart } from './chart.js'
export { chartsOf } from './charts-of.js'
export { paletteVariables } from './palette.js'
export { familyOf } from './percentiles.js'
