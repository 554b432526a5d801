import net from 'node:net'
import { clientAddress } from '../network/client-address.js'
import { ResponseReader } from './response.js'

export interface Target {
  host: string
  port: number
  /** The clients' addresses, which take turns: each has its own ephemeral ports. */
  clients: { network: string; count: number }
}

export interface ConnectionHandlers {
  connected(): void
  /** A response is complete. */
  answered(close: boolean): void
  /** The connection is over. @param failure what went wrong, and when; `null` if nothing did */
  over(failure: string | null): void
}

/** How long a connection may stay silent while the client waits for something, in milliseconds. */
const patience = 10_000

const head = 'GET / HTTP/1.1\r\nhost: benchmark\r\n'
const requests = { close: `${head}connection: close\r\n\r\n`, keep: `${head}\r\n` }

let opened = 0

/** A client's connection, as minimal as possible: the load must not cost more than the servers. */
export class Connection {
  readonly #socket: net.Socket
  readonly #reader = new ResponseReader()
  readonly #handlers: ConnectionHandlers
  #phase: 'connecting' | 'idle' | 'waiting' | 'answered' = 'connecting'
  #failure: string | null = null

  constructor({ host, port, clients }: Target, handlers: ConnectionHandlers) {
    this.#handlers = handlers
    const localAddress = clientAddress(clients.network, opened++ % clients.count)
    const socket = net.connect({ host, port, localAddress })
    this.#socket = socket
    socket.setEncoding('latin1').setNoDelay(true).setTimeout(patience)
    socket.on('connect', () => {
      this.#phase = 'idle'
      handlers.connected()
    })
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message))
    socket.on('timeout', () => socket.destroy(new Error('timeout')))
    socket.on('end', () => {
      if (this.#phase === 'waiting') this.#fail('closed')
    })
    socket.on('close', () => handlers.over(this.#failure))
  }

  /** The client's address, such as `127.1.0.1:40000`; known a moment after the connection was started. */
  get client(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`
  }

  /** Whether a request may be sent. */
  get open(): boolean {
    return this.#socket.writable && this.#phase === 'idle'
  }

  /** @param way whether to keep the connection; see the Connection header */
  request(way: keyof typeof requests): void {
    this.#phase = 'waiting'
    this.#socket.write(requests[way])
  }

  /** Ends an idle connection. */
  end(): void {
    this.#socket.end()
  }

  #read(chunk: string): void {
    const response = this.#reader.read(chunk)
    if (response === null) return
    if (response.status !== 200) this.#fail(`status ${response.status}`)
    // The server should close first: the side that does keeps the port in TIME_WAIT.
    this.#phase = response.close ? 'answered' : 'idle'
    this.#handlers.answered(response.close)
  }

  #fail(what: string): void {
    // This loses no request: there is none, or it has been answered.
    if (this.#phase === 'idle' || this.#phase === 'answered') return
    const when = {
      connecting: 'while connecting',
      waiting: this.#reader.started ? 'in the response' : 'before the response',
    }
    this.#failure ??= `${what} ${when[this.#phase]}`
  }
}
