import type { Rule } from '../rule.js'

/** GitHub's own limit is six hours. */
export const timeouts: Rule = ({ jobs }) =>
  jobs
    // A job that calls a workflow has none of its own; the jobs in there do.
    .filter(({ value }) => !('uses' in value) && typeof value['timeout-minutes'] !== 'number')
    .map(({ id }) => `job ${id} must have timeout-minutes`)
