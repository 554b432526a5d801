// Prints what failed in all test runs, and what they counted together, in one plain line.
import { describeFailures, formatCounts, sumResults } from './results.js'

for (const failure of describeFailures()) console.log(`${failure}\n`)
console.log(formatCounts(sumResults()))
