import type { Handler } from '../apps/handlers.js'
import type { Framework } from '../apps/index.js'
import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'

/** What a side runs. */
export interface Start {
  node: NodeVersion
  framework: Framework
  handler: Handler
  /** How many servers; a side that by its nature has only one ignores this. */
  members: number
  network: Network
}

/** One way in which servers share the work: sides are what is compared. To add one, add a file. */
export interface Side {
  /** Its name on the command line: `cluster-rr`. */
  name: string
  /** Its name in reports and tables: `node:cluster RR`. */
  title: string
  /** In one line. */
  description: string
  /** Returns why it cannot run here, and what would help; `null` if it can. */
  unavailable(node: NodeVersion): string | null
  /** Starts fresh processes; resolves when all of them serve. */
  start(start: Start): Promise<RunningSide>
}

/** A side that serves, until it is disposed of. */
export interface RunningSide extends AsyncDisposable {
  /** Where it serves; the load is spread evenly if there is more than one. */
  ports: readonly number[]
  /** The processes that answer. */
  workers: readonly number[]
  /** The other processes that take part: a primary, a proxy, a daemon. */
  others: readonly number[]
  /** The versions of programs that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
}
