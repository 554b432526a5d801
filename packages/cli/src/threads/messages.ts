/** The messages between the host of an app's threads and these threads. */

/** The key of `ThreadData` in a thread's environment data. Threads that it starts do not find it. */
export const threadKey = '@reuse/cli thread'

export interface ThreadData {
  /** The name of its BroadcastChannel, whose other end is the host's. */
  channel: string
  waitReady: boolean
}

/** `leave`: close the servers, and end. `ping`: say `pong`. */
export type ToThread = 'leave' | 'ping'

/** `started`: it hears messages now, and its script begins. `ready`: it serves. */
export type FromThread = 'started' | 'ready' | 'pong'
