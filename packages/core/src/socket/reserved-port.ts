import type { Endpoint } from './address.js'
import { tryToBind } from './try-to-bind.js'

/**
 * Whether Windows has reserved the port of a bind that failed with `EACCES`, for Hyper-V for example.
 *
 * Windows gives that error (WSAEACCES) also where a socket has the port: to a bind with SO_REUSEADDR
 * beside an exclusive socket, or beside another user's. An exclusive bind of a whole stack tells them
 * apart: if any socket has the port, it gives EADDRINUSE, whoever the users are (Microsoft, "Using
 * SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). A dual-stack socket would not: it gives WSAEACCES for both.
 *
 * @param tryOne gives the name of the error of an exclusive bind, or `null`
 */
export function isReservedPort(bind: Endpoint, tryOne = tryAlone): boolean {
  return stacksOf(bind).some((stack) => tryOne({ ...bind, ...stack }) === 'EACCES')
}

const four = { address: '0.0.0.0', family: 4, ipv6Only: false } as const
const six = { address: '::', family: 6, ipv6Only: true } as const

/** The IP versions that a bind is about, each as its wildcard. */
function stacksOf({ address, family, ipv6Only }: Endpoint) {
  if (family === 4) return [four]
  return address === '::' && !ipv6Only ? [six, four] : [six]
}

function tryAlone(bind: Endpoint): string | null {
  return tryToBind(bind, 'exclusive', bind.protocol)
}
