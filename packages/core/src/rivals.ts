import { type Endpoint, overlap } from './address.js'
import type { SocketEntry } from './native.js'
import { listSockets, type Peer, peerOf } from './peers.js'
import { findHolders, type Search } from './processes.js'

/** A socket that competes with another for some client: it shares its port, or is in its way. */
export interface Rival {
  entry: SocketEntry
  /** Every process that is known to hold it. */
  pids: number[]
  peer: Peer
}

/** Lists the sockets that compete with one that is, or would be, bound here; itself included. */
export function listRivals(endpoint: Endpoint): SocketEntry[] {
  return listSockets(endpoint.protocol, endpoint.port).filter((entry) => overlap(entry, endpoint))
}

/** Finds who holds these sockets. */
export function* identifyRivals(entries: SocketEntry[]): Search<Rival[]> {
  const holders = yield* findHolders(new Set(entries.map(({ inode }) => inode)))
  return entries.map((entry) => {
    const all = holders.get(entry.inode) ?? []
    const pids = all.map(({ pid }) => pid)
    return { entry, pids, peer: peerOf(entry, all.at(-1), pids.includes(process.pid)) }
  })
}

/** `node server.js (pid 4711, uid 1000)`, as the beginning of a sentence. */
export function nameRival({ pid, program, uid, self }: Peer): string {
  if (pid === null) return `A program of uid ${uid}`
  return `${program ?? 'A program'} (${self ? 'this process, ' : ''}pid ${pid}, uid ${uid})`
}
