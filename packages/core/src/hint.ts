import { explainFailure } from './explanation.js'
import type { BindAttempt } from './failed-bind.js'
import { searchNow } from './processes.js'

/**
 * One or two sentences about a bind that failed: why, and what to do. It is the explanation that
 * `explain()` gives, made at once, while whoever is in the way is still there.
 */
export function bindHint(code: string, bind: BindAttempt): string | undefined {
  const explanation = searchNow(explainFailure(code, bind))
  return explanation === null ? undefined : `${explanation.summary} ${explanation.advice}`
}
