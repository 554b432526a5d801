import net from 'node:net'
import { define, type Handle, isHandle, missing } from './handle.js'

/** Where a worker listens, as its primary is told. */
export interface WorkerListening {
  /** `null` for "any"; a path if it is not a port. */
  address: string | null
  port: number
  /** 4 or 6; something else if it is not a TCP port. */
  addressType: number | string
}

/** The listeners of the workers of one app. */
export interface ListenerHold {
  /** Call it when a worker listens there: from now on, the listener is held while no worker has it. */
  add(listening: WorkerListening): void
  /** From now on, nothing is held: each listener closes when no worker has it. */
  end(): void
}

/**
 * Holds the listeners that this process, a primary of `node:cluster` under SCHED_NONE, opens for its
 * workers. Node closes each one, and the connections that wait there, when the last worker that has it
 * is gone. A held listener stays open for a while, and the next worker that listens there gets it.
 *
 * Listeners on port 0 or on a path, and UDP sockets, are not held.
 *
 * @param holdTimeout how long to hold a listener, in milliseconds
 */
export function holdListeners(holdTimeout: number): ListenerHold {
  intercept()
  const hold = {
    holdTimeout,
    add: (listening: WorkerListening) => kept.get(keyOf(listening))?.holds.add(hold),
    end: () => {
      for (const listener of kept.values()) listener.endHold(hold)
    },
  }
  return hold
}

interface Hold {
  readonly holdTimeout: number
}

/** The listeners of all apps of this process. */
const kept = new Map<string, KeptListener>()

function keyOf({ address, port, addressType }: WorkerListening): string {
  return `${address} ${port} ${addressType}`
}

/** `open`: some worker has the listener. `held`: no worker has it, and it waits for one. */
class KeptListener {
  readonly holds = new Set<Hold>()
  readonly #handle: Handle
  readonly #onClose: () => void
  #timer: NodeJS.Timeout | null = null
  #state: 'open' | 'held' = 'open'

  constructor(handle: Handle, onClose: () => void) {
    this.#handle = handle
    this.#onClose = onClose
    define(handle, 'close', () => this.#release())
  }

  /** The next worker gets it; `null` if one has it already: two servers of a worker do not share it. */
  take(): Handle | null {
    if (this.#state === 'open') return null
    this.#state = 'open'
    if (this.#timer !== null) clearTimeout(this.#timer)
    return this.#handle
  }

  endHold(hold: Hold): void {
    this.holds.delete(hold)
    if (this.#state === 'held' && this.holds.size === 0) this.#close()
  }

  /** Node closes it: no worker has it. */
  #release(): void {
    if (this.#state === 'held') return
    this.#state = 'held'
    const patience = Math.max(0, ...[...this.holds].map(({ holdTimeout }) => holdTimeout))
    if (patience === 0) this.#close()
    else this.#timer = setTimeout(() => this.#close(), patience)
  }

  #close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#onClose()
    Reflect.deleteProperty(this.#handle, 'close')
    this.#handle.close()
  }
}

/** What Node calls to make a listener for workers only; a number is libuv's negative error number. */
type CreateHandle = (
  address: string | null,
  port: number,
  addressType: number | string,
  fd: number | undefined,
  flags: number | undefined,
) => Handle | number

let isIntercepted = false

function intercept(): void {
  if (isIntercepted) return
  const create: unknown = Reflect.get(net, '_createServerHandle')
  if (typeof create !== 'function') throw missing('net._createServerHandle')
  const createKept: CreateHandle = (address, port, addressType, ...more) => {
    const isPort = (addressType === 4 || addressType === 6) && port > 0
    const key = keyOf({ address, port, addressType })
    const known = isPort ? kept.get(key)?.take() : null
    if (known != null) return known
    const handle = create(address, port, addressType, ...more)
    if (isPort && isHandle(handle)) {
      kept.set(key, new KeptListener(handle, () => kept.delete(key)))
    }
    return handle
  }
  define(net, '_createServerHandle', createKept)
  isIntercepted = true
}
