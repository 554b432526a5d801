import type { EventEmitter } from 'node:events'
import { attempt } from '../lib/attempt.js'
import { native } from '../socket/native.js'
import { reservePort } from '../socket/open.js'
import { isHandle } from './handle.js'
import { type AskPrimary, IPV6ONLY, type PrimaryQuery } from './primary-query.js'

/**
 * Node's workers that let the system choose their port all get one port, of the primary. Here each
 * proposes one, and the first proposal is everybody's. The primary keeps it, though it knows nothing
 * of it: with each handle that workers share it keeps what the first of them has said, for TLS
 * session keys. The handle is a UDP socket that nobody uses.
 */
export function agreeOnPort(
  ask: AskPrimary,
  target: EventEmitter,
  query: PrimaryQuery,
  bind: (port: number) => void,
): void {
  // It holds the port until the target has it. Where it cannot be had, the target says why.
  const reserved = attempt(() => reserveFor(query))
  if (reserved === undefined) {
    bind(0)
    return
  }
  let { port } = native.getAddress(reserved)
  const proposer = {
    once: () => {}, // Node tells the primary when this one listens, which it never does.
    _getServerData: () => port,
    _setServerData: (first: unknown) => {
      if (typeof first === 'number') port = first
    },
  }
  // What tells these handles from others stands where a descriptor would: it is no number.
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
