import type { Server } from 'node:http'
import type { Http2Session } from 'node:http2'
import type net from 'node:net'

/** The highest id of a stream of HTTP/2, which says: all that you have sent will be served. */
const everyStream = 2 ** 31 - 1

/** How often connections are looked at that should have ended, in milliseconds. */
const sweepInterval = 200

/** The events with which an HTTP server hands out a request and its response. */
const requestEvents = ['request', 'checkContinue', 'checkExpectation']

/**
 * The connections of a server that is leaving. Those of an HTTP server are asked to end, and nobody
 * is cut off in the middle; those of other servers are left alone.
 */
export class Connections {
  readonly #server: net.Server
  readonly #sessions = new Set<Http2Session>()
  #retired = false
  #sweep: NodeJS.Timeout | undefined

  constructor(server: net.Server) {
    this.#server = server
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      // One that was still waiting in the queue: what it came for is served.
      if (this.#retired) session.once('stream', () => session.close())
    })
  }

  /** From now on every answer says that it is the connection's last. */
  retire(): void {
    this.#retired = true
    for (const event of requestEvents) {
      // Only where somebody listens: a listener of ours would count as the handler.
      if (this.#server.listenerCount(event) > 0) this.#server.prependListener(event, sayClose)
    }
    for (const session of this.#sessions) session.goaway(0, everyStream)
  }

  /** Takes that back, for a server that listens again. */
  recover(): void {
    this.#retired = false
    clearInterval(this.#sweep)
    for (const event of requestEvents) this.#server.off(event, sayClose)
  }

  /** Ends what is idle, and the rest as soon as it is. */
  end(): void {
    for (const session of this.#sessions) session.close()
    const server = this.#server
    if (!hasIdleConnections(server)) return
    server.closeIdleConnections()
    // One that is busy with a request from before the leave has not been asked to end.
    clearInterval(this.#sweep)
    this.#sweep = setInterval(() => server.closeIdleConnections(), sweepInterval).unref()
  }

  /**
   * Runs a close without the cut that Node makes in it: an idle connection may be in the middle of
   * its client's next request, and ends by its own time-out.
   */
  keepIdle(close: () => void): void {
    const server = this.#server
    if (!hasIdleConnections(server)) {
      close()
      return
    }
    const own = Object.getOwnPropertyDescriptor(server, 'closeIdleConnections')
    server.closeIdleConnections = () => {}
    try {
      close()
    } finally {
      if (own === undefined) Reflect.deleteProperty(server, 'closeIdleConnections')
      else Object.defineProperty(server, 'closeIdleConnections', own)
    }
  }
}

function sayClose(_: unknown, response: object): void {
  if ('shouldKeepAlive' in response) response.shouldKeepAlive = false
}

function hasIdleConnections(server: net.Server): server is Server {
  return 'closeIdleConnections' in server && typeof server.closeIdleConnections === 'function'
}
