import type { Endpoint } from './address.js'
import { tryToBind } from './try-to-bind.js'

/**
 * Whether Windows has reserved the port of a bind that failed with `EACCES`, for Hyper-V for example.
 *
 * Windows also gives that error (WSAEACCES) if a socket has the port: to a bind with SO_REUSEADDR
 * beside an exclusive socket, or beside another user's. An exclusive bind of one whole IP version tells
 * the two cases apart: if any socket has the port, it fails with EADDRINUSE, whoever the users are
 * (Microsoft, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). A dual-stack socket would not: its bind
 * fails with WSAEACCES in both cases.
 *
 * @param tryOne returns the name of the error of an exclusive bind, or `null`
 */
export function isReservedPort(bind: Endpoint, tryOne = tryAlone): boolean {
  return stacksOf(bind).some((stack) => tryOne({ ...bind, ...stack }) === 'EACCES')
}

const four = { address: '0.0.0.0', family: 4, ipv6Only: false } as const
const six = { address: '::', family: 6, ipv6Only: true } as const

/** The IP versions that a bind is about, each with its wildcard address. */
function stacksOf({ address, family, ipv6Only }: Endpoint) {
  if (family === 4) return [four]
  return address === '::' && !ipv6Only ? [six, four] : [six]
}

function tryAlone(bind: Endpoint): string | null {
  return tryToBind(bind, 'exclusive', bind.protocol)
}
