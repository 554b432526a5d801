import type { Connection } from './connection.js'
import type { Factors, Introduction } from './messages.js'

/** Another member, as a member knows it. */
export interface Peer extends Introduction {
  connection: Connection
  /** Whether this side has made the connection. */
  initiated: boolean
  /** Whether it holds a duplicate of this member's listener; `null` until it has said so. */
  holds: boolean | null
  /** When they met, on the clock of `process.uptime()`. */
  met: number
  /** The orphan that it is taking out of the group. */
  retires: number | null
  /** What it says of the members' weights; only a keeper does. */
  factors: Factors
}

/** Whether it holds all listeners and serves none: its id says that it has no socket. */
export function isKeeper({ id }: { id: string }): boolean {
  return inodeOfId(id) === 0
}

/** The inode of a member's socket, which the member's id begins with. */
export function inodeOfId(id: string): number {
  return Number(id.slice(0, id.indexOf('.')))
}
