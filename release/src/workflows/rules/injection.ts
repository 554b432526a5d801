import type { Rule } from '../rule.js'

/** What an expression gives becomes part of the script, whoever wrote it; an environment variable does not. */
export const injection: Rule = ({ jobs }) =>
  jobs.flatMap(({ id, steps }) =>
    steps
      .filter(({ run }) => String(run).includes('${{'))
      .map(({ run }) => `job ${id}: hand values to this script through env: ${run}`),
  )
