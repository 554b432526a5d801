import type { Named } from '../group/announcement.js'
import { builtin } from '../lib/builtin.js'
import { isClusterWorker } from '../node/cluster.js'

/**
 * Which members a member names on standard error when it has joined them. In production, several
 * processes of one program are intended, and so are the workers and threads of one program anywhere.
 * `REUSE_QUIET` silences the notice: any value except `0` and the empty string counts.
 */
export function whomToName(env = process.env): Named {
  const { REUSE_QUIET = '0', NODE_ENV } = env
  if (REUSE_QUIET !== '0' && REUSE_QUIET !== '') return 'nobody'
  const isOneOfMany =
    NODE_ENV === 'production' || isClusterWorker() || !builtin.threads().isMainThread
  return isOneOfMany ? 'other programs' : 'everybody'
}
