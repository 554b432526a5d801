import type { Server } from 'node:http'
import { type ReuseOptions, shareServersDuring } from '@reuse/core'

/** Any Express application, of version 4 or 5. */
interface Application {
  listen(...args: never[]): Server
}

/**
 * Gives an application a `listen` that shares its port. Its arguments and its return value are
 * those of the application's own; `memberOf` gives the member of the server that it returns.
 *
 * @throws from `listen`: as `setReuse` does
 */
export function reuse<App extends Application>(
  app: App,
  options: ReuseOptions = {},
): Pick<App, 'listen'> {
  return {
    listen: (...args) => shareServersDuring(options, () => app.listen(...args)),
  }
}
