import net from 'node:net'
import { attempt } from '../lib/attempt.js'
import type { Family, Protocol } from './native.js'

/** A numeric address in its canonical form; the zone of a link-local address is dropped. */
export function canonical(address: string): string {
  if (familyOf(address) === 4) return address
  const [bare = ''] = address.split('%')
  return attempt(() => new net.SocketAddress({ address: bare, family: 'ipv6' }).address) ?? address
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

/** Whether two sockets on one port would compete for some clients. */
export function overlap(one: Place, other: Place): boolean {
  if (one.family === other.family) {
    return (
      isWildcard(one.address) ||
      isWildcard(other.address) ||
      sameAddress(one.address, other.address)
    )
  }
  // Of two families, only a dual-stack `::` reaches the other, and it covers all of IPv4.
  const six = one.family === 6 ? one : other
  return isWildcard(six.address) && !six.ipv6Only
}

/** The family of a numeric address. Node's `isIPv6` takes milliseconds the first time it is called. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/** `127.0.0.1:3000`, `[::1]:3000`: for sentences. Errors keep Node's form, without brackets. */
export function formatAddress(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}
