import { isWildcard, sameAddress } from '../socket/address.js'
import { native } from '../socket/native.js'
import type { Group } from './group.js'

/** The clients whose handshakes with a group's port are half way through. TCP. */
export function handshakesOf({ place }: Pick<Group, 'place'>): Set<string> {
  const { address, family, ipv6Only, port } = place
  // A more specific address has its own group.
  const others = new Set(native.list('tcp', port).map((entry) => entry.address))
  const isDual = isWildcard(address) && family === 6 && !ipv6Only
  const entries = (isDual ? ([4, 6] as const) : [family]).flatMap((each) =>
    native.listHandshakes(each, port),
  )
  const own = entries.filter(({ local }) =>
    isWildcard(address) ? !others.has(local.address) : sameAddress(local.address, address),
  )
  return new Set(own.map(({ client }) => `${client.address} ${client.port}`))
}
