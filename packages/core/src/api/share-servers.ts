import type net from 'node:net'
import { onServerListen } from '../node/server.js'
import { checkReuseOptions, type ReuseOptions } from '../targets/options.js'
import { requireSupport } from '../targets/support.js'
import { describe, hasMethod, isFastify } from './describe.js'
import { memberOf, setReuse } from './set-reuse.js'

/**
 * Shares servers that other code creates and that you cannot reach before they listen. From now on,
 * every server of this thread that begins to listen on a port shares it, as if `setReuse` had been
 * called with these options. A server on which `setReuse` was called before keeps its own options.
 *
 * @param select selects the servers to share; default: all
 * @returns a function that stops this; servers that are already shared stay shared
 * @throws the same errors as `setReuse`
 */
export function shareServers(
  options: ReuseOptions = {},
  select: (server: net.Server) => boolean = () => true,
): () => void {
  const checked = checkReuseOptions(options)
  requireSupport(checked, 'tcp')
  return onServerListen((server) => {
    if (memberOf(server) === undefined && select(server)) setReuse(server, checked)
  })
}

/**
 * Shares the servers that begin to listen before `call` returns, for a framework that creates its
 * server inside its own `listen`. Returns what `call` returns.
 *
 * @throws the same errors as `setReuse`, before `call` runs
 */
export function shareServersDuring<T>(options: ReuseOptions, call: () => T): T {
  const stop = shareServers(options)
  try {
    return call()
  } finally {
    stop()
  }
}

/** An application whose `listen` creates a server and listens with it, as in Express and Koa. */
export interface ListeningApplication {
  /** Creates a server and listens with it. */
  listen(...args: never[]): net.Server
}

/**
 * Returns a `listen` for an application that shares its port. It takes the same arguments as the
 * application's own `listen` and returns the same server; `memberOf` returns that server's member.
 *
 * @throws TypeError if `app` is not such an application; TypeError, RangeError for invalid options
 * @throws when `listen` is called: the same errors as `setReuse`
 */
export function shareListen<App extends ListeningApplication>(
  app: App,
  options: ReuseOptions = {},
): Pick<App, 'listen'> {
  if (!hasMethod(app, 'listen') || isFastify(app)) {
    throw new TypeError(`reuse takes an Express or Koa application, got ${describe(app)}`)
  }
  const checked = checkReuseOptions(options)
  return {
    listen: (...args) => shareServersDuring(checked, () => app.listen(...args)),
  }
}
