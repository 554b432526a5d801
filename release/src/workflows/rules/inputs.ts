import type { Rule } from '../rule.js'
import { mapping } from '../workflow.js'

/** What actions do unless they are told not to, and must be told. */
const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Else the token stays in .git/config, for every later step to read.
  'actions/checkout': { 'persist-credentials': false },
  // Else a cache that another run filled is trusted with what is released.
  'actions/setup-node': { 'package-manager-cache': false },
  // Else a job that found nothing to upload looks as if it had done its work.
  'actions/upload-artifact': { 'if-no-files-found': 'error' },
}

export const inputs: Rule = ({ jobs }) =>
  jobs.flatMap(({ id, steps }) =>
    steps.flatMap((step) => {
      const [action = ''] = String(step.uses).split('@')
      const given = mapping(step.with)
      return Object.entries(required[action] ?? {})
        .filter(([name, value]) => given[name] !== value)
        .map(([name, value]) => `job ${id}: ${action} needs "${name}: ${value}"`)
    }),
  )
