import type http from 'node:http'
import type { ReuseOptions } from '@reuse/core'
import type { Routes } from './routes.js'

/** Where a server listens, as `server.listen` takes it. */
export type Where =
  | { host: string; port: number; backlog: number; reusePort?: boolean }
  | { path: string; backlog: number }

/** Node's own 511 is too few where hundreds of clients come in the same moment. */
export const backlog = 4096

/** An application of one framework: each answers the same. */
export interface App {
  /**
   * Comes back when it listens.
   *
   * @param shared with these options the port is shared by the adapter of this framework
   */
  listen(routes: Routes, where: Where, shared?: ReuseOptions): Promise<http.Server>
}
