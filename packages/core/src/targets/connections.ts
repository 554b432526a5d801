import type { Server } from 'node:http'
import type { Http2Session } from 'node:http2'
import type net from 'node:net'
import { define } from '../node/handle.js'

/** The highest stream id of HTTP/2. In a GOAWAY it says: everything that you have sent will be served. */
const everyStream = 2 ** 31 - 1

/** How often to check for connections that should have ended, in milliseconds. */
const sweepInterval = 200

/** The events with which an HTTP server passes on a request and its response. */
const requestEvents = ['request', 'checkContinue', 'checkExpectation']

/**
 * The connections of a server that closes while its address stays open. Those of an HTTP server
 * are asked to end, and no request is interrupted; those of other servers are left alone.
 *
 * They are `serving`, then `retiring`: every response says that it is the connection's last, and idle
 * connections stay open, since the client may be sending its next request. When the time is up they
 * are `ending`: idle connections are closed, and the others as soon as they are idle. After the
 * server's 'close', or when it listens again, they are `serving`, and all of this is undone.
 */
export class Connections {
  readonly #server: net.Server
  readonly #sessions = new Set<Http2Session>()
  #state: 'serving' | 'retiring' | 'ending' = 'serving'
  #timer: NodeJS.Timeout | undefined

  constructor(server: net.Server) {
    this.#server = server
    if (!('updateSettings' in server)) return // Only an HTTP/2 server has sessions.
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      // The session was still waiting in the queue: the request that it came for is served.
      if (this.#state !== 'serving') session.once('stream', () => session.close())
    })
  }

  /** From now on, every response says that it is the connection's last. */
  retire(milliseconds: number): void {
    if (this.#state !== 'serving') return
    this.#state = 'retiring'
    for (const event of requestEvents) {
      // Only if the program has a listener: otherwise ours would count as the handler.
      if (this.#server.listenerCount(event) > 0) this.#server.prependListener(event, sayClose)
    }
    for (const session of this.#sessions) {
      // A destroyed session stays in the set until its socket is closed too, and goaway would throw.
      if (!session.destroyed) session.goaway(0, everyStream)
    }
    this.#timer = setTimeout(() => this.#end(), milliseconds).unref()
    this.#server.once('close', this.#serve)
  }

  /** The server listens again. */
  serve(): void {
    if (this.#state !== 'serving') this.#serve()
  }

  readonly #serve = (): void => {
    this.#state = 'serving'
    clearTimeout(this.#timer) // Node has one kind of timer object, for intervals too.
    this.#timer = undefined
    this.#server.off('close', this.#serve)
    for (const event of requestEvents) this.#server.off(event, sayClose)
  }

  /** Closes idle connections, and the others as soon as they are idle. */
  #end(): void {
    this.#state = 'ending'
    for (const session of this.#sessions) session.close()
    const server = this.#server
    if (!hasIdleConnections(server)) return
    server.closeIdleConnections()
    // A connection whose request began before `retire` has not been asked to end.
    this.#timer = setInterval(() => server.closeIdleConnections(), sweepInterval).unref()
  }

  /**
   * Runs Node's own close. While connections are retiring, Node is kept from also closing idle
   * connections and, from Node 24 on, sessions: their next request would be refused.
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

/** Makes a method of an object do nothing; returns a function that restores it. */
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
