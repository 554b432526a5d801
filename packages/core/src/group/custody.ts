import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import { forget, whenReadable, whenWaiting } from '../socket/poller.js'
import type { Service } from './service.js'

/**
 * How a duplicate is served.
 *
 * - `adopted`: all that comes to it, at once
 * - `guarded`: what has waited in it, all of it
 * - `rescued`: a share of what has waited in it: its member is alive
 * - `held`: not at all; it is only kept open
 */
export type Duty =
  | { kind: 'adopted' }
  | { kind: 'held' }
  | { kind: 'guarded'; patience: number }
  | { kind: 'rescued'; patience: number; share: number }

/** A duplicate of another member's listener. */
interface Duplicate {
  readonly inode: number
  readonly socket: number
  duty: Duty
}

/** How many connections or datagrams are taken before others get their turn. */
const atOnce = 64

/** How long to wait if a duplicate cannot be served because no descriptors are left, in milliseconds. */
const pause = 100

/**
 * The duplicates that a member holds. They keep the listeners alive, and with them what waits
 * there, when those who made them are gone.
 */
export class Custody {
  readonly #duplicates = new Map<number, Duplicate>()
  readonly #protocol: Protocol
  readonly #own: number
  readonly #service: Service | null
  readonly #pauses = new Set<NodeJS.Timeout>()
  #served = 0
  #stopped = false

  /**
   * @param own the member's own socket
   * @param service `null` for a keeper, which serves nothing and assigns no duties
   */
  constructor(protocol: Protocol, own: number, service: Service | null) {
    this.#protocol = protocol
    this.#own = own
    this.#service = service
  }

  /** How many connections and datagrams were served from duplicates so far. */
  get served(): number {
    return this.#served
  }

  /** The duplicates, by inode. */
  get sockets(): ReadonlyMap<number, number> {
    return new Map([...this.#duplicates.values()].map(({ inode, socket }) => [inode, socket]))
  }

  get inodes(): readonly number[] {
    return [...this.#duplicates.keys()]
  }

  has(inode: number): boolean {
    return this.#duplicates.has(inode)
  }

  socketOf(inode: number): number | undefined {
    return this.#duplicates.get(inode)?.socket
  }

  /** Takes a duplicate into custody, or closes it where there is one of that socket already. */
  hold(inode: number, socket: number): void {
    if (this.#duplicates.has(inode)) {
      native.close(socket)
      return
    }
    // The kernel records the destination of a datagram when it arrives, so it is told to do so before.
    if (this.#protocol === 'udp') attempt(() => native.tellDestination(socket))
    // Without memory for this, the duplicate is closed when the process ends at the latest.
    attempt(() => native.keep(socket))
    this.#duplicates.set(inode, { inode, socket, duty: { kind: 'held' } })
  }

  /** Changes how a duplicate is served. */
  assign(inode: number, duty: Duty): void {
    const duplicate = this.#duplicates.get(inode)
    if (duplicate === undefined) return
    const before = duplicate.duty
    duplicate.duty = duty
    if (isSameDuty(before, duty)) return
    forget(duplicate.socket)
    this.#wait(duplicate)
  }

  /** Closes a duplicate. */
  release(inode: number): void {
    const duplicate = this.#duplicates.get(inode)
    if (duplicate === undefined) return
    this.#duplicates.delete(inode)
    forget(duplicate.socket)
    native.close(duplicate.socket)
  }

  /** Serves nothing from now on, even if it is in the middle of serving; the duplicates stay held. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#pauses) clearTimeout(timer)
    this.#pauses.clear()
  }

  close(): void {
    this.stop()
    for (const inode of this.inodes) this.release(inode)
  }

  #wait(duplicate: Duplicate): void {
    const { socket, duty } = duplicate
    if (this.#stopped) return
    if (this.#duplicates.get(duplicate.inode) !== duplicate || duty.kind === 'held') return
    try {
      if (duty.kind === 'adopted') whenReadable(socket, () => this.#serveAll(duplicate))
      else if (duty.kind === 'guarded') {
        whenWaiting(socket, duty, () => this.#serveAll(duplicate))
      } else {
        const { share, patience } = duty
        const wait = { patience, unlessAt: this.#own }
        whenWaiting(socket, wait, () => this.#serveShare(duplicate, share))
      }
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      this.#waitLater(duplicate) // No memory or descriptors for it now.
    }
  }

  #waitLater(duplicate: Duplicate): void {
    if (this.#stopped) return
    const timer = setTimeout(() => {
      this.#pauses.delete(timer)
      this.#wait(duplicate)
    }, pause).unref()
    this.#pauses.add(timer)
  }

  #serveAll(duplicate: Duplicate): void {
    this.#serve(duplicate, atOnce)
  }

  /** Serves what has waited elsewhere, if nothing waits here. */
  #serveShare(duplicate: Duplicate, share: number): void {
    const own = attempt(() => native.getQueue(this.#own).length) ?? 1
    const waiting = attempt(() => native.getQueue(duplicate.socket).length) ?? 0
    const most = own > 0 ? 0 : roundByChance(waiting * share, share >= 0.5)
    this.#serve(duplicate, Math.min(most, atOnce))
  }

  #serve(duplicate: Duplicate, most: number): void {
    const service = this.#service
    if (service === null || this.#stopped) return
    try {
      for (let count = 0; count < most; count++) {
        if (this.#stopped || this.#duplicates.get(duplicate.inode) !== duplicate) return
        if (!service.hasRoom()) {
          this.#waitLater(duplicate)
          return
        }
        const outcome = this.#serveOne(duplicate, service)
        if (outcome === 'shut down') {
          this.release(duplicate.inode) // It is out of the group for good.
          return
        }
        if (outcome === 'empty') break
      }
    } catch (failure) {
      if (!isSystemFailure(failure)) {
        this.#wait(duplicate)
        throw failure // The program's own handler threw this.
      }
      this.#waitLater(duplicate) // EMFILE, ENFILE, ENOBUFS: what waits stays where it is.
      return
    }
    this.#wait(duplicate)
  }

  #serveOne({ socket }: Duplicate, service: Service): 'served' | 'empty' | 'shut down' {
    try {
      if (this.#protocol === 'tcp') {
        const connection = native.accept(socket)
        if (connection === null) return 'empty'
        service.serveConnection(connection)
      } else {
        const datagram = native.receiveDatagram(socket)
        if (datagram === null) return 'empty'
        service.deliver(datagram)
      }
    } catch (failure) {
      if (isSystemFailure(failure) && errorName(failure.errno) === 'EINVAL') return 'shut down'
      throw failure
    }
    this.#served++
    return 'served'
  }
}

function isSameDuty(one: Duty, other: Duty): boolean {
  const figuresOf = (duty: Duty): readonly number[] => {
    if (duty.kind === 'rescued') return [duty.patience, duty.share]
    return duty.kind === 'guarded' ? [duty.patience] : []
  }
  const figures = figuresOf(other)
  return one.kind === other.kind && figuresOf(one).every((each, index) => each === figures[index])
}

/** A canary takes no more than its share, even of one connection; the others round half of one up. */
function roundByChance(number: number, up: boolean): number {
  const whole = Math.floor(number)
  return up ? Math.ceil(number) : whole + (Math.random() < number - whole ? 1 : 0)
}
