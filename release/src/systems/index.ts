export { countOutcomes, isFailure, type Outcome, type Run } from './outcome.js'
export { type Selection, testTargets } from './test-targets.js'
