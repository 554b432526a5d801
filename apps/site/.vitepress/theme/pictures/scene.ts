/** What becomes of the connections of a member. */
export type Fate = 'served' | 'waiting' | 'lost'

/** A member of a group, as a picture shows it. */
export interface Seat {
  name: string
  /** Its part of the new connections, 0 to 1. */
  share: number
  /** How many connections wait in its queue. */
  queue?: number
  /** How many handshakes with it are half way through. */
  handshakes?: number
  fate?: Fate
  /** What it does, in a word or two. */
  state?: string
  /** Whether it is somebody else's. */
  stranger?: boolean
}

/** One half of a picture: a port, and who listens on it. */
export interface Scene {
  title: string
  seats: readonly Seat[]
  /** What the half says, for who does not see it; and below the picture. */
  caption: string
}
