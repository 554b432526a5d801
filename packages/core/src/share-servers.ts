import type net from 'node:net'
import { onServerListen } from './node/server.js'
import { checkReuseOptions, type ReuseOptions } from './options.js'
import { bindInThisProcess } from './server.js'
import { memberOf, setReuse } from './set-reuse.js'
import { requireSupport } from './sharing.js'

/**
 * Shares servers that other code makes, and that you cannot reach before they listen: from now on,
 * whichever server of this process begins to listen on a port shares it, as if by `setReuse` with
 * these options. One that `setReuse` was called on before keeps its own.
 *
 * @param select says which servers are meant; default: all
 * @returns a function that ends it; what is shared stays so
 * @throws as `setReuse` does
 */
export function shareServers(
  options: ReuseOptions = {},
  select: (server: net.Server) => boolean = () => true,
): () => void {
  const checked = checkReuseOptions(options)
  requireSupport(checked, 'tcp')
  return onServerListen((server, listenOptions) => {
    if (memberOf(server) !== undefined || !select(server)) return
    setReuse(server, checked)
    bindInThisProcess(listenOptions)
  })
}

/**
 * Shares the servers that begin to listen before `call` returns, for a framework that makes its
 * server inside its own `listen`. Gives what `call` gives.
 *
 * @throws as `setReuse` does, before `call`
 */
export function shareServersDuring<T>(options: ReuseOptions, call: () => T): T {
  const stop = shareServers(options)
  try {
    return call()
  } finally {
    stop()
  }
}
