import { attempt } from '../lib/attempt.js'
import { addHint } from '../lib/errors.js'
import { failedBindOf } from '../socket/failed-bind.js'
import { explainFailure } from './explanation.js'
import { searchNow } from './processes.js'

/**
 * Runs what binds; a failure gets a hint, one or two sentences: why, and what to do. It is the
 * explanation that `explain()` gives, made at once, while whoever is in the way is still there.
 * Where the system does not let it be made, there is none.
 *
 * @param own what is known of the cause beside who holds the port; it goes before
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
