import type { EventEmitter } from 'node:events'
import { attempt } from '../lib/attempt.js'
import { native } from '../socket/native.js'
import { reservePort } from '../socket/open.js'
import { isHandle } from './handle.js'
import { type AskPrimary, IPV6ONLY, type PrimaryQuery } from './primary-query.js'

/**
 * In Node, workers that let the system choose their port all get one port, from the primary. Here each
 * worker proposes a port, and all take the first proposal. The primary stores it without knowing what
 * it is: with each handle that workers share, it stores data from the first of them, meant for TLS
 * session keys. The handle is a UDP socket that nobody uses.
 */
export function agreeOnPort(
  ask: AskPrimary,
  target: EventEmitter,
  query: PrimaryQuery,
  bind: (port: number) => void,
): void {
  // Holds the port until the target has it. If no port can be reserved, the target's bind says why.
  const reserved = attempt(() => reserveFor(query))
  if (reserved === undefined) {
    bind(0)
    return
  }
  let { port } = native.getAddress(reserved)
  const proposer = {
    once: () => {}, // Node tells the primary when this object listens, which it never does.
    _getServerData: () => port,
    _setServerData: (first: unknown) => {
      if (typeof first === 'number') port = first
    },
  }
  // Distinguishes these handles from others. It takes the place of a descriptor, but is not a number.
  const fd = `${query.addressType} ${query.address}`
  ask(proposer, { address: '127.0.0.1', port: 0, addressType: 'udp4', fd }, (_, handle) => {
    keepUntilClose(target, handle)
    try {
      bind(port)
    } finally {
      native.close(reserved)
    }
  })
}

function reserveFor({ address, addressType, flags = 0 }: PrimaryQuery): number {
  const protocol = addressType === 'udp4' || addressType === 'udp6' ? 'udp' : 'tcp'
  return reservePort({ protocol, address, ipv6Only: (flags & IPV6ONLY) !== 0 })
}

/** As long as one worker has the handle, the primary keeps the port. */
function keepUntilClose(target: EventEmitter, handle: unknown): void {
  if (!isHandle(handle)) return // The primary could not make it: each worker has its own port.
  if ('unref' in handle && typeof handle.unref === 'function') handle.unref()
  target.once('close', () => handle.close())
}
