import { attempt } from '../lib/attempt.js'
import { addHint } from '../lib/errors.js'
import { failedBindOf } from '../socket/failed-bind.js'
import { explainFailure } from './explanation.js'
import { searchNow } from './processes.js'

/**
 * Runs a call that binds. A failure gets a hint of one or two sentences: why it failed, and what to do.
 * The hint is the explanation that `explain()` gives, made at once, while whoever is in the way is
 * still there. If the system does not allow that, there is no hint.
 *
 * @param own returns a cause other than who holds the port, if one is known; it takes precedence
 */
export function withBindHint<T>(bind: () => T, own?: () => string | undefined): T {
  try {
    return bind()
  } catch (error) {
    const failed = error instanceof Error ? failedBindOf(error) : undefined
    if (failed === undefined || !(error instanceof Error) || !('code' in error)) throw error
    const code = String(error.code)
    const cause = code === 'EADDRINUSE' ? attempt(() => own?.()) : undefined
    if (cause !== undefined) throw addHint(error, cause)
    const explanation = attempt(() => searchNow(explainFailure(code, failed)))
    if (!explanation) throw error
    throw addHint(error, `${explanation.summary} ${explanation.advice}`)
  }
}
