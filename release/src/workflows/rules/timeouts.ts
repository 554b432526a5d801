import type { Rule } from '../rule.js'

/** GitHub's own limit is six hours. */
export const timeouts: Rule = ({ jobs }) =>
  jobs
    // A job that calls a workflow has no timeout of its own; the jobs in that workflow do.
    .filter(({ value }) => !('uses' in value) && typeof value['timeout-minutes'] !== 'number')
    .map(({ id }) => `job ${id} must have timeout-minutes`)
