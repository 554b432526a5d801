import type net from 'node:net'
import { onServerListen } from './node/server.js'
import type { ReuseOptions } from './options.js'
import { bindInThisProcess } from './server.js'
import { memberOf, setReuse } from './set-reuse.js'

/**
 * Shares servers that other code makes and that you cannot reach before they listen: asks `select`
 * about each as it begins to listen, and calls `setReuse` with the options that come back. `null`
 * leaves a server alone; so does `setReuse` before.
 *
 * @returns a function that ends it; what is shared stays so
 */
export function shareServers(select: (server: net.Server) => ReuseOptions | null): () => void {
  return onServerListen((server, listenOptions) => {
    if (memberOf(server) !== undefined) return
    const options = select(server)
    if (options === null) return
    setReuse(server, options)
    bindInThisProcess(listenOptions)
  })
}
