import type net from 'node:net'
import { onServerListen } from '../node/server.js'
import { checkReuseOptions, type ReuseOptions } from '../targets/options.js'
import { requireSupport } from '../targets/support.js'
import { describe, hasMethod, isFastify } from './describe.js'
import { memberOf, setReuse } from './set-reuse.js'

/**
 * Shares servers that other code makes, and that you cannot reach before they listen. From now on,
 * every server of this process that begins to listen on a port shares it, as if `setReuse` had been
 * called with these options. A server on which `setReuse` was called before keeps its own options.
 *
 * @param select selects the servers to share; default: all
 * @returns a function that stops this; servers that are shared stay shared
 * @throws as `setReuse` does
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
 * Shares the servers that begin to listen before `call` returns, for a framework that makes its
 * server inside its own `listen`. Returns what `call` returns.
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

/** An application whose `listen` makes a server and listens with it, as in Express and Koa. */
export interface ListeningApplication {
  /** Makes a server and listens with it. */
  listen(...args: never[]): net.Server
}

/**
 * Gives an application a `listen` that shares its port. Its arguments and its return value are
 * those of the application's own; `memberOf` returns the member of the server that it returns.
 *
 * @throws TypeError for what is no such application; TypeError, RangeError for the options
 * @throws from `listen`: as `setReuse` does
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
