import type net from 'node:net'
import type { Controlled } from './controlled.js'
import {
  type Answer,
  type LogLine,
  longestRequest,
  parseRequest,
  type Request,
} from './messages.js'

/** How long a client may take to send its request, in milliseconds. */
const patience = 5000

/** How far a client may lag behind in reading before its connection is closed, in bytes. */
const longestLag = 2 ** 20

/**
 * One client: it sends one request in one line and gets its answer; then the connection ends.
 *
 * - `asking`: its line is not complete.
 * - `waiting`: it waits for its answer.
 * - `following`: it gets lines until it closes the connection.
 * - `over`: it has its answer.
 */
export class ControlConnection {
  readonly #socket: net.Socket
  readonly #app: Controlled
  readonly #timer: NodeJS.Timeout
  #state: 'asking' | 'waiting' | 'following' | 'over' = 'asking'
  #received: Buffer[] = []
  #length = 0

  constructor(socket: net.Socket, app: Controlled) {
    this.#socket = socket
    this.#app = app
    this.#timer = setTimeout(() => this.#refuse('there was no request in time'), patience)
    socket.on('data', (data) => this.#receive(data))
    socket.on('end', () => this.#onEnd())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#onClose())
  }

  /** Ends the connection if it might not end by itself. */
  endFollowing(): void {
    if (this.#state === 'asking' || this.#state === 'following') this.#end()
  }

  cut(): void {
    this.#socket.destroy()
  }

  #receive(data: Buffer): void {
    this.#length += data.length
    if (this.#length > longestRequest) {
      if (this.#state === 'asking') this.#refuse(`a request has at most ${longestRequest} bytes`)
      this.#socket.destroySoon()
      return
    }
    if (this.#state !== 'asking') return // One request per connection.
    this.#received.push(data)
    if (!data.includes('\n')) return
    const [line = ''] = Buffer.concat(this.#received).toString('utf8').split('\n', 1)
    this.#received = []
    clearTimeout(this.#timer)
    const request = parseRequest(line)
    if (typeof request === 'string') this.#refuse(request)
    else this.#answer(request)
  }

  #answer(request: Request): void {
    if (request.verb === 'logs') {
      this.#sendLogs(request.lines, request.follow)
      return
    }
    this.#state = 'waiting'
    this.#perform(request).then(
      (result) => this.#finish({ result: result ?? null }),
      (error: unknown) => this.#finish({ error: plainError(error) }),
    )
  }

  async #perform(request: Exclude<Request, { verb: 'logs' }>): Promise<unknown> {
    switch (request.verb) {
      case 'status':
        return this.#app.status()
      case 'measure':
        return this.#app.measure()
      case 'reload':
        return this.#app.reload()
      case 'canary':
        return this.#app.canary(request.share)
      case 'promote':
        return this.#app.promote()
      case 'rollback':
        return this.#app.rollback()
      case 'scale':
        return this.#app.scale(request.instances)
      case 'release':
        return this.#app.release()
      case 'stop':
        return this.#app.stop()
    }
  }

  #sendLogs(count: number, follow: boolean): void {
    for (const line of this.#app.lastLines(count)) this.#send({ line })
    if (follow) {
      this.#state = 'following'
      this.#app.on('line', this.#onLine)
    } else this.#finish({ result: null })
  }

  readonly #onLine = (line: LogLine): void => {
    this.#send({ line })
    if (this.#socket.writableLength > longestLag) this.cut()
  }

  #refuse(message: string): void {
    this.#finish({ error: { message } })
  }

  #finish(answer: Answer): void {
    if (this.#state === 'over') return
    this.#send(answer)
    this.#end()
  }

  #send(answer: Answer): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(answer)}\n`)
  }

  /** What the client sends from now on is ignored. */
  #end(): void {
    this.#state = 'over'
    this.#socket.end()
    clearTimeout(this.#timer)
    this.#socket.setTimeout(patience, () => this.cut())
  }

  /** The client sends no more. */
  #onEnd(): void {
    if (this.#state === 'asking' || this.#state === 'following') this.#end()
    if (this.#state === 'over') this.#socket.destroySoon()
  }

  #onClose(): void {
    this.#state = 'over'
    clearTimeout(this.#timer)
    this.#app.off('line', this.#onLine)
  }
}

function plainError(error: unknown): { message: string; code?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message } = error
  return 'code' in error && typeof error.code === 'string'
    ? { message, code: error.code }
    : { message }
}
