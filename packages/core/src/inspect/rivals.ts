import { type Endpoint, overlap } from '../socket/address.js'
import type { Protocol, SocketEntry } from '../socket/native.js'
import { findOwners } from './owners.js'
import { listSockets, type Peer, peerOf } from './peers.js'
import type { Search } from './processes.js'

/** A socket that competes with another for some clients: it shares its port, or is in its way. */
export interface Rival {
  entry: SocketEntry
  /** Every process that is known to hold it, but not for another member of its group. */
  pids: number[]
  peer: Peer
}

/** Lists the sockets that compete with one that is, or would be, bound here; itself included. */
export function listRivals(endpoint: Endpoint): SocketEntry[] {
  return listSockets(endpoint.protocol, endpoint.port).filter((entry) => overlap(entry, endpoint))
}

/** Finds who has these sockets. */
export function* identifyRivals(protocol: Protocol, entries: SocketEntry[]): Search<Rival[]> {
  const found = yield* findOwners(protocol, entries)
  return found.map((ownership) => {
    const { entry, owner, inOwnRight } = ownership
    const peer = peerOf(ownership, owner?.pid === process.pid)
    return { entry, pids: inOwnRight.map(({ pid }) => pid), peer }
  })
}

/** `node server.js (pid 4711, uid 1000)`, as the beginning of a sentence. */
export function nameRival({ pid, program, uid, self, orphan, holders }: Peer): string {
  if (orphan) return `The group of pid ${holders.join(', ')} (uid ${uid})`
  if (pid === null && uid === process.geteuid?.()) {
    return `A program of uid ${uid} that is not visible in /proc`
  }
  if (pid === null) return `A program of uid ${uid}`
  return `${program ?? 'A program'} (${self ? 'this process, ' : ''}pid ${pid}, uid ${uid})`
}
