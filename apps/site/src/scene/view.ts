/** What is drawn of a group. A place is the number of a column: that of a worker and its listener. */
import type { WorkerState } from './worker.js'

export interface GroupView {
  readonly workers: readonly WorkerState[]
  readonly listeners: readonly ListenerView[]
  readonly connections: readonly ConnectionView[]
  /** How many connections are answered so far. */
  readonly answered: number
  /** How many wait in queues now. */
  readonly waiting: number
  /** How many were reset, refused, or ended with a worker so far. */
  readonly lost: number
}

export interface ListenerView {
  readonly place: number
  /** Whether its worker is gone. */
  readonly isOrphan: boolean
  /** The place of the worker that accepts everything that comes to this listener. */
  readonly server: number | null
}

export interface ConnectionView {
  readonly id: number
  /** In its handshake, in a queue, or accepted by a worker. */
  readonly where: 'handshake' | 'queue' | 'worker'
  readonly place: number
  /** How many are ahead of it there; in the handshake, how many steps are done. */
  readonly position: number
  readonly end: 'answered' | 'lost' | null
}
