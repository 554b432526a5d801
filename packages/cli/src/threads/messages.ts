/** What the host of an app's threads and these threads tell each other. */

/** What a thread finds in its environment data under this key, and nobody that it starts does. */
export const threadKey = '@reuse/cli thread'

export interface ThreadData {
  /** The name of its BroadcastChannel, whose other end is the host's. */
  channel: string
  waitReady: boolean
}

/** `leave`: close the servers, and end. `ping`: say `pong`. */
export type ToThread = 'leave' | 'ping'

/** `started`: it hears now, and its script begins. `ready`: it serves. */
export type FromThread = 'started' | 'ready' | 'pong'
