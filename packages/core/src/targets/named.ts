import type { Named } from '../group/announcement.js'
import { builtin } from '../lib/builtin.js'
import { isClusterWorker } from '../node/cluster.js'

/**
 * Whom a member names on standard error, when it has joined them. In production several processes of
 * one program are meant, and so are the workers and threads of one program at any time. Silence is
 * asked for by `REUSE_QUIET`, of which any value but `0` counts.
 */
export function whomToName(env = process.env): Named {
  const { REUSE_QUIET = '0', NODE_ENV } = env
  if (REUSE_QUIET !== '0' && REUSE_QUIET !== '') return 'nobody'
  const isOneOfMany =
    NODE_ENV === 'production' || isClusterWorker() || !builtin.threads().isMainThread
  return isOneOfMany ? 'other programs' : 'everybody'
}
