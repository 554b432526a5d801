import { withBindHint } from '../inspect/hint.js'
import { canonical } from '../socket/address.js'
import { listInherited } from '../socket/inherited.js'
import type { Protocol } from '../socket/native.js'
import { openListener } from '../socket/open.js'

/** A socket that systemd or a supervisor has handed in to this process; sd_listen_fds(3). */
export interface HandedIn {
  descriptor: number
  protocol: Protocol
  address: string
  port: number
  /** What LISTEN_FDNAMES calls it; `unknown` if that is missing. */
  name: string
}

/**
 * Lists the sockets that were handed in. They stay open, and belong to this process.
 *
 * @throws ReuseError `ERR_REUSE_INHERITED` if LISTEN_FDS does not match the descriptors that are there
 */
export function listHandedIn(): HandedIn[] {
  return listInherited().map(({ descriptor, protocol, address, port, name }) => ({
    descriptor,
    protocol,
    address: canonical(address),
    port,
    name,
  }))
}

/** Where to open a listener. */
export interface OpenOptions {
  port: number
  /** A numeric address. Default: any. */
  address?: string | undefined
  backlog?: number | undefined
}

/**
 * Opens a TCP listener that shares its port, and that nobody serves yet.
 *
 * @param options where to open it
 * @returns its descriptor
 * @throws a system error in the shape of Node's own, with a hint that says who has the port
 */
export function openListening({ port, address, backlog }: OpenOptions): number {
  const request = {
    ...({ protocol: 'tcp', port, backlog, ipv6Only: false } as const),
    address: address ?? null,
  }
  return withBindHint(() => openListener(request, {}, { socket: () => null }))
}
