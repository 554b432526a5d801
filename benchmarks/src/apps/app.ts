import type http from 'node:http'
import type { ReuseOptions } from '@reuse/core'
import type { Routes } from './routes.js'

/** Where a server listens, as `server.listen` takes it. */
export type Where =
  | { host: string; port: number; backlog: number; reusePort?: boolean }
  | { path: string; backlog: number }

/** Node's default of 511 is too few when hundreds of clients connect at the same moment. */
export const backlog = 4096

/** An application in one framework: all of them answer the same. */
export interface App {
  /**
   * Resolves when the application listens.
   *
   * @param shared with these options, the framework's adapter shares the port
   */
  listen(routes: Routes, where: Where, shared?: ReuseOptions): Promise<http.Server>
}
