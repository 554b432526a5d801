import net from 'node:net'
import { errorName, isSystemFailure, systemError } from './errors.js'
import { bindHint } from './hint.js'
import { type InheritedUser, takeInherited } from './inherited.js'
import { type Family, native, type Protocol } from './native.js'
import type { ReuseOptions } from './options.js'
import { setListenOptions, setSharing } from './sharing.js'

/** The socket that is asked for: what Node knows at the moment of its bind. */
export interface BindRequest {
  protocol: Protocol
  /** Numeric; `null` for "any", which is `::`, or `0.0.0.0` on a machine without IPv6. */
  address: string | null
  port: number
  ipv6Only: boolean
  /** TCP only; 0 or undefined for Node's default. */
  backlog?: number | undefined
  /** UDP only: SO_REUSEADDR on top, as `dgram.createSocket({ reuseAddr })` asks for. */
  reuseAddress?: boolean
}

export interface BoundRequest extends BindRequest {
  address: string
}

/** Node's own default, which the kernel may cut down to its limit (net.core.somaxconn). */
const defaultBacklog = 511

/**
 * Opens the bound socket that is asked for, listening if it is TCP; or adopts the inherited one
 * with that address.
 *
 * @throws SystemError; nothing stays open then
 */
export function openListener(
  request: BindRequest,
  options: ReuseOptions,
  user: InheritedUser,
): number {
  const inherited = takeInherited(request, user)
  if (inherited !== null) {
    const bound = { ...request, address: native.getAddress(inherited).address }
    const { share, listen } = stepsOf(bound, options)
    return run([share, listen], inherited, bound, options)
  }
  if (request.address !== null) return openAt(request.address, request, options)
  try {
    return openAt('::', request, options)
  } catch (error) {
    if (!isWithoutIPv6(error)) throw error
    return openAt('0.0.0.0', request, options)
  }
}

function openAt(address: string, request: BindRequest, options: ReuseOptions): number {
  const bound = { ...request, address }
  const { reach, share, bind, listen } = stepsOf(bound, options)
  // For UDP, and only there, Linux would give port 0 a port that a group of this user holds
  // already. So such a socket finds a port of its own first, and opens its group afterwards.
  const shareLater = process.platform === 'linux' && bound.protocol === 'udp' && bound.port === 0
  const steps = shareLater ? [reach, bind, share, listen] : [reach, share, bind, listen]
  return run(steps, open(bound, options), bound, options)
}

/**
 * Opens a socket that shares its port and binds it, without listening.
 *
 * @throws SystemError; nothing stays open then
 */
export function openBound(request: BoundRequest): number {
  const { reach, share, bind } = stepsOf(request, {})
  return run([reach, share, bind], open(request, {}), request, {})
}

type Step = (socket: number) => void

/** What is done to a socket on its way to a listener. */
function stepsOf(request: BoundRequest, options: ReuseOptions) {
  const { protocol, address, port, ipv6Only, backlog, reuseAddress = false } = request
  return {
    reach: (socket) => {
      if (familyOf(address) === 6) native.setOption(socket, 'IPV6_V6ONLY', ipv6Only ? 1 : 0)
    },
    share: (socket) => {
      setSharing(socket, protocol, options.exclusive)
      if (reuseAddress && !options.exclusive) native.setOption(socket, 'SO_REUSEADDR', 1)
    },
    bind: (socket) => native.bind(socket, address, port),
    listen: (socket) => {
      setListenOptions(socket, options)
      if (protocol === 'tcp') native.listen(socket, backlog || defaultBacklog)
    },
  } satisfies Record<string, Step>
}

function open(request: BoundRequest, options: ReuseOptions): number {
  try {
    return native.open(request.protocol, familyOf(request.address))
  } catch (failure) {
    throw explain(failure, request, options)
  }
}

function run(steps: Step[], socket: number, request: BoundRequest, options: ReuseOptions): number {
  try {
    for (const step of steps) step(socket)
    return socket
  } catch (failure) {
    native.close(socket)
    throw explain(failure, request, options)
  }
}

/** Gives a failure Node's shape, and says who or what stood in the way. */
function explain(failure: unknown, request: BoundRequest, options: ReuseOptions): unknown {
  if (!isSystemFailure(failure)) return failure
  const { protocol, address, port, ipv6Only } = request
  const { exclusive = false } = options
  const code = bindErrorCode(errorName(failure.errno), failure.syscall)
  const family = familyOf(address)
  const hint = bindHint(code, { protocol, address, family, ipv6Only, port, exclusive })
  // Node calls every failure on a server's way to listening a failed "listen".
  const syscall = protocol === 'tcp' ? 'listen' : 'bind'
  return systemError(failure, { code, syscall, address, port, ...(hint && { hint }) })
}

/**
 * Windows refuses to bind beside an exclusive socket with WSAEACCES where the others say
 * EADDRINUSE: callers get the one name that means "somebody else holds this port".
 */
function bindErrorCode(name: string, syscall: string): string {
  const held = process.platform === 'win32' && syscall === 'bind' && name === 'EACCES'
  return held ? 'EADDRINUSE' : name
}

function isWithoutIPv6(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
}

function familyOf(address: string): Family {
  return net.isIPv6(address) ? 6 : 4
}
