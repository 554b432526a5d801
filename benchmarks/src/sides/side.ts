import type { Handler } from '../apps/handlers.js'
import type { Framework } from '../apps/index.js'
import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'

/** What a side is to run. */
export interface Start {
  node: NodeVersion
  framework: Framework
  handler: Handler
  /** How many servers; a side that has only one by its nature ignores it. */
  members: number
  network: Network
}

/** One way in which servers share the work: what is compared. To add one, add a file. */
export interface Side {
  /** On the command line: `cluster-rr`. */
  name: string
  /** In reports and tables: `node:cluster RR`. */
  title: string
  /** In one line. */
  description: string
  /** Why it cannot run here, and what would help; `null` if it can. */
  unavailable(node: NodeVersion): string | null
  /** Fresh processes; comes back when all of them serve. */
  start(start: Start): Promise<RunningSide>
}

/** A side that serves, until it is disposed of. */
export interface RunningSide extends AsyncDisposable {
  /** Where it serves; the load is spread evenly where it is more than one. */
  ports: readonly number[]
  /** The processes that answer. */
  workers: readonly number[]
  /** Those that take part beside them: a primary, a proxy, a daemon. */
  others: readonly number[]
  /** Of those that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
}
