import net from 'node:net'
import type { Family, Protocol } from './native.js'

/** A numeric address in the one way of writing it; the zone of a link-local address is dropped. */
export function canonical(address: string): string {
  const [bare = ''] = address.split('%')
  const family = net.isIP(bare)
  if (family === 0) return address
  return new net.SocketAddress({ address: bare, family: family === 6 ? 'ipv6' : 'ipv4' }).address
}

export function sameAddress(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

export function isWildcard(address: string): boolean {
  const bare = canonical(address)
  return bare === '0.0.0.0' || bare === '::'
}

export interface Place {
  address: string
  family: Family
  ipv6Only: boolean
}

/** Where a socket is, or is to be, bound. */
export interface Endpoint extends Place {
  protocol: Protocol
  port: number
}

/** Whether two sockets of one port would compete for some client. */
export function overlap(one: Place, other: Place): boolean {
  if (one.family === other.family) {
    return (
      isWildcard(one.address) ||
      isWildcard(other.address) ||
      sameAddress(one.address, other.address)
    )
  }
  // Of two families only a dual-stack `::` reaches over, and it covers all of IPv4.
  const six = one.family === 6 ? one : other
  return isWildcard(six.address) && !six.ipv6Only
}

export function familyOf(address: string): Family {
  return net.isIPv6(address) ? 6 : 4
}

/** `127.0.0.1:3000`, `[::1]:3000`: for sentences. Errors keep Node's way, without brackets. */
export function formatAddress(address: string, port: number): string {
  return net.isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}
