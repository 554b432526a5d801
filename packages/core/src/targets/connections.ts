import type { Server } from 'node:http'
import type { Http2Session } from 'node:http2'
import type net from 'node:net'
import { define } from '../node/handle.js'

/** The highest id of a stream of HTTP/2, which says: all that you have sent will be served. */
const everyStream = 2 ** 31 - 1

/** How often connections are looked at that should have ended, in milliseconds. */
const sweepInterval = 200

/** The events with which an HTTP server hands out a request and its response. */
const requestEvents = ['request', 'checkContinue', 'checkExpectation']

/**
 * The connections of a server that closes while its address stays open. Those of an HTTP server
 * are asked to end, and nobody is cut off in the middle; those of other servers are left alone.
 *
 * They are `serving`, then `retiring`: every answer says that it is the connection's last, and idle
 * connections live on, since one may be in the middle of its client's next request. When the time is
 * up they are `ending`: what is idle is cut, and the rest as soon as it is. With the server's
 * 'close', or when it listens again, they are `serving`, and nothing of this is left.
 */
export class Connections {
  readonly #server: net.Server
  readonly #sessions = new Set<Http2Session>()
  #state: 'serving' | 'retiring' | 'ending' = 'serving'
  #timer: NodeJS.Timeout | undefined

  constructor(server: net.Server) {
    this.#server = server
    if (!('updateSettings' in server)) return // Only a server of HTTP/2 has sessions.
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      // One that was still waiting in the queue: what it came for is served.
      if (this.#state !== 'serving') session.once('stream', () => session.close())
    })
  }

  /** From now on every answer says that it is the connection's last. */
  retire(milliseconds: number): void {
    if (this.#state !== 'serving') return
    this.#state = 'retiring'
    for (const event of requestEvents) {
      // Only where somebody listens: a listener of ours would count as the handler.
      if (this.#server.listenerCount(event) > 0) this.#server.prependListener(event, sayClose)
    }
    for (const session of this.#sessions) {
      // One that is destroyed is among them until its socket is closed, too, and would throw.
      if (!session.destroyed) session.goaway(0, everyStream)
    }
    this.#timer = setTimeout(() => this.#end(), milliseconds).unref()
    this.#server.once('close', this.#serve)
  }

  /** The server listens anew. */
  serve(): void {
    if (this.#state !== 'serving') this.#serve()
  }

  readonly #serve = (): void => {
    this.#state = 'serving'
    clearTimeout(this.#timer) // Node has one kind of timer object, an interval's too.
    this.#timer = undefined
    this.#server.off('close', this.#serve)
    for (const event of requestEvents) this.#server.off(event, sayClose)
  }

  /** Ends what is idle, and the rest as soon as it is. */
  #end(): void {
    this.#state = 'ending'
    for (const session of this.#sessions) session.close()
    const server = this.#server
    if (!hasIdleConnections(server)) return
    server.closeIdleConnections()
    // One that is busy with a request from before has not been asked to end.
    this.#timer = setInterval(() => server.closeIdleConnections(), sweepInterval).unref()
  }

  /**
   * Runs a close of Node's. While connections retire it is without the cut that Node makes in it: of
   * idle connections, and from Node 24 on of sessions, whose next request would be refused.
   */
  close(close: () => void): void {
    if (this.#state !== 'retiring') {
      close()
      return
    }
    const restore = [...this.#sessions].map((session) => withoutMethod(session, 'close'))
    if (hasIdleConnections(this.#server)) {
      restore.push(withoutMethod(this.#server, 'closeIdleConnections'))
    }
    try {
      close()
    } finally {
      for (const each of restore) each()
    }
  }
}

/** Takes a method away from an object; gives what brings it back. */
function withoutMethod(object: object, name: string): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name)
  define(object, name, () => {})
  return () => {
    if (own === undefined) Reflect.deleteProperty(object, name)
    else Object.defineProperty(object, name, own)
  }
}

function sayClose(_: unknown, response: object): void {
  if ('shouldKeepAlive' in response) response.shouldKeepAlive = false
}

function hasIdleConnections(server: net.Server): server is Server {
  return 'closeIdleConnections' in server && typeof server.closeIdleConnections === 'function'
}
