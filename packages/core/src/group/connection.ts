import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure } from '../lib/errors.js'
import { isOwnUser } from '../lib/own-user.js'
import { native } from '../socket/native.js'
import { forget, whenReadable } from '../socket/poller.js'
import { formatMessage, type Message, parseMessage } from './messages.js'

/** What a connection tells its owner. Neither is called after `close`. */
export interface ConnectionHandlers {
  /** @param attached a descriptor that came with it, now the handler's to close */
  onMessage(message: Message, attached: number | null, cut: boolean): void
  /** The other side has closed it, has died, or has said what no member says. */
  onHangUp(): void
}

/** How many messages are read before others get their turn. */
const messagesAtOnce = 32

/** How long a sender of more messages waits, in milliseconds: a thousand messages take 0.3 s. */
const pause = 10

/** A connection to another member of this user. */
export class Connection {
  /** The process at the other end; 0 where it cannot be seen from here. */
  readonly pid: number
  readonly #socket: number
  #handlers: ConnectionHandlers | null = null
  #pause: NodeJS.Timeout | undefined
  #closed = false

  private constructor(socket: number, pid: number) {
    this.#socket = socket
    this.pid = pid
  }

  /**
   * Connects to a name. Returns `'nobody'` if no process of this user has the name, and `'busy'` if
   * too many connections wait there or this process has no descriptor left.
   */
  static to(name: string): Connection | 'nobody' | 'busy' {
    try {
      return Connection.of(native.connectEndpoint(name)) ?? 'nobody'
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      return errorName(failure.errno) === 'ECONNREFUSED' ? 'nobody' : 'busy'
    }
  }

  /**
   * Makes a connection from a socket. If the socket leads to another user, closes it and returns `null`;
   * what that user has sent may be slow to close, so another thread closes it.
   *
   * @throws a system failure if the user cannot be found out or the socket cannot be kept; the socket is
   * then closed too
   */
  static of(socket: number): Connection | null {
    try {
      const { pid, uid } = native.getPeer(socket)
      if (isOwnUser(uid)) {
        native.keep(socket)
        return new Connection(socket, pid)
      }
    } catch (failure) {
      native.closeAside(socket)
      throw failure
    }
    native.closeAside(socket)
    return null
  }

  listen(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    this.#wait()
  }

  /**
   * Sends a message, with a duplicate of a descriptor. If the other side has not read for so long that
   * nothing more fits, the connection ends; a new one is made when the other side is awake.
   */
  send(message: Message, attached: number | null = null): boolean {
    if (this.#closed) return false
    try {
      native.send(this.#socket, formatMessage(message), attached)
      return true
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      this.#hangUp()
      return false
    }
  }

  /** Reads what has been sent so far. */
  hearNow(): void {
    if (!this.#closed && this.#pause === undefined) this.#read()
  }

  /** Waits for one message, and blocks the event loop meanwhile. */
  receiveNow(milliseconds: number): { message: Message; attached: number | null } | null {
    const readable = attempt(() => native.waitReadable(this.#socket, milliseconds))
    const received = readable ? attempt(() => native.receive(this.#socket)) : null
    if (received === null || received === undefined) return null
    const message = parseMessage(received.text)
    if (message !== null) return { message, attached: received.attached }
    if (received.attached !== null) native.close(received.attached)
    return null
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#handlers = null
    clearTimeout(this.#pause)
    forget(this.#socket)
    native.close(this.#socket)
  }

  #wait(): void {
    if (this.#closed) return
    // Without memory or descriptors for that, the connection is of no use.
    if (attempt(() => whenReadable(this.#socket, () => this.#read()) ?? true) === undefined) {
      this.#hangUp()
    }
  }

  #read(): void {
    for (let count = 0; count < messagesAtOnce; count++) {
      const outcome = this.#readOne()
      if (outcome === 'empty') this.#wait()
      if (outcome === 'over') this.#hangUp()
      if (outcome !== 'read') return
    }
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#wait()
    }, pause).unref()
  }

  #readOne(): 'read' | 'empty' | 'over' {
    if (this.#handlers === null) return 'over'
    let received: ReturnType<typeof native.receive>
    try {
      received = native.receive(this.#socket)
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      return 'over'
    }
    if (received === null) return 'empty'
    const { text, attached, cut } = received
    const message = parseMessage(text)
    if (message !== null) {
      this.#handlers.onMessage(message, attached, cut)
      return 'read'
    }
    if (attached !== null) native.close(attached)
    return 'over'
  }

  #hangUp(): void {
    const handlers = this.#handlers
    this.close()
    handlers?.onHangUp()
  }
}
