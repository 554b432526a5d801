import type dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { memberOf } from './set-reuse.js'

type Target = net.Server | dgram.Socket

/** The servers and UDP sockets of a program, or of one thread of it. */
export class SharedTargets {
  readonly #known = new WeakSet<Target>()
  readonly #targets = new Set<WeakRef<Target>>()
  readonly #collected = new FinalizationRegistry<WeakRef<Target>>((target) =>
    this.#targets.delete(target),
  )
  #onListening: (() => void) | null = null

  /** Adds a target that is about to listen, or to bind, unless it was added before. */
  add(target: Target): void {
    if (this.#known.has(target)) return
    this.#known.add(target)
    const reference = new WeakRef(target)
    this.#targets.add(reference)
    this.#collected.register(target, reference)
    if (this.#onListening !== null) target.once('listening', this.#onListening)
  }

  /** Calls back whenever a target that is added from now on listens for the first time, or is bound. */
  onListening(callback: () => void): void {
    this.#onListening = callback
  }

  /** Closes all targets. Resolves when their active requests are finished. */
  async closeAll(): Promise<void> {
    const targets = [...this.#targets].flatMap((reference) => reference.deref() ?? [])
    const open = targets.filter((target) => memberOf(target)?.address())
    // An active request may need a UDP socket, to look up a name.
    const isServer = (target: Target): boolean => target instanceof net.Server
    await Promise.all(open.filter(isServer).map(close))
    await Promise.all(open.filter((target) => !isServer(target)).map(close))
  }
}

async function close(target: Target): Promise<void> {
  const closed = once(target, 'close')
  target.close()
  await closed
}
