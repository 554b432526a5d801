// Prints what all test runs counted together, in one plain line.
import { formatCounts, sumResults } from './results.js'

console.log(formatCounts(sumResults()))
