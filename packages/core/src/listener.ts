import { familyOf } from './address.js'
import { errorName, isSystemFailure, systemError } from './errors.js'
import { type BindAttempt, noteFailedBind } from './failed-bind.js'
import { endpointOf, refuseForeign, watchForeign } from './foreign.js'
import { bindHint } from './hint.js'
import { type InheritedUser, takeInherited } from './inherited.js'
import { native, type Protocol } from './native.js'
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

/** A request whose address is settled. */
interface Bind extends BindRequest {
  address: string
  /** What an error calls the attempt. Node calls all of a server's way to listening "listen". */
  syscall: 'listen' | 'bind'
}

/** Node's own default, which the kernel may cut down to its limit (net.core.somaxconn). */
const defaultBacklog = 511

/**
 * Opens the bound socket that is asked for, listening if it is TCP; or adopts the inherited one
 * with that address.
 *
 * @throws SystemError, ReuseError; nothing stays open then
 */
export function openListener(
  request: BindRequest,
  options: ReuseOptions,
  user: InheritedUser,
): number {
  const socket = openOrAdopt(request, options, user)
  if (options.only) watchForeign(socket, endpointOf(socket, request.protocol), user)
  return socket
}

function openOrAdopt(request: BindRequest, options: ReuseOptions, user: InheritedUser): number {
  const inherited = takeInherited(request, user)
  if (inherited !== null) {
    const bind = settle(request, native.getAddress(inherited).address)
    const { share, check, listen } = stepsOf(bind, options)
    return run([check, share, listen], inherited, bind, options)
  }
  if (request.address !== null) return openAt(request.address, request, options)
  try {
    return openAt('::', request, options)
  } catch (error) {
    if (!isWithoutIPv6(error)) throw error
    return openAt('0.0.0.0', request, options)
  }
}

function settle(request: BindRequest, address: string): Bind {
  return { ...request, address, syscall: request.protocol === 'tcp' ? 'listen' : 'bind' }
}

function openAt(address: string, request: BindRequest, options: ReuseOptions): number {
  const settled = settle(request, address)
  const { reach, share, checkAhead, bind, check, listen } = stepsOf(settled, options)
  // For UDP, and only there, Linux would give port 0 a port that a group of this user holds
  // already. So such a socket finds a port of its own first, and opens its group afterwards.
  const shareLater = process.platform === 'linux' && request.protocol === 'udp' && !request.port
  const shareAndBind = shareLater ? [bind, share] : [share, checkAhead, bind]
  // Who joins in between the checks is seen by the second.
  const steps = [reach, ...shareAndBind, check, listen, check]
  return run(steps, open(settled, options), settled, options)
}

/**
 * Opens a socket that shares its port and binds it, without listening.
 *
 * @throws SystemError; nothing stays open then
 */
export function openBound(request: BindRequest & { address: string }): number {
  const settled: Bind = { ...request, syscall: 'bind' }
  const { reach, share, bind } = stepsOf(settled, {})
  return run([reach, share, bind], open(settled, {}), settled, {})
}

type Step = (socket: number) => void

/** What is done to a socket on its way to a listener. */
function stepsOf(request: Bind, options: ReuseOptions) {
  const { protocol, address, port, ipv6Only, backlog, reuseAddress = false } = request
  return {
    reach: (socket) => {
      if (familyOf(address) === 6) native.setOption(socket, 'IPV6_V6ONLY', ipv6Only ? 1 : 0)
    },
    share: (socket) => {
      setSharing(socket, protocol, options.exclusive)
      if (reuseAddress && !options.exclusive) native.setOption(socket, 'SO_REUSEADDR', 1)
    },
    // A UDP socket is in the group when it is bound, a TCP socket when it listens.
    checkAhead: (socket) => {
      if (options.only && protocol === 'udp') {
        refuseForeign(socket, { ...request, family: familyOf(address) })
      }
    },
    bind: (socket) => native.bind(socket, address, port),
    check: (socket) => {
      if (options.only) refuseForeign(socket, endpointOf(socket, protocol))
    },
    listen: (socket) => {
      setListenOptions(socket, options)
      if (protocol === 'tcp') native.listen(socket, backlog || defaultBacklog)
    },
  } satisfies Record<string, Step>
}

function open(request: Bind, options: ReuseOptions): number {
  try {
    return native.open(request.protocol, familyOf(request.address))
  } catch (failure) {
    throw explain(failure, request, options)
  }
}

function run(steps: Step[], socket: number, request: Bind, options: ReuseOptions): number {
  try {
    for (const step of steps) step(socket)
    return socket
  } catch (failure) {
    native.close(socket)
    throw explain(failure, request, options)
  }
}

/** Gives a failure Node's shape, and says who or what stood in the way. */
function explain(failure: unknown, request: Bind, options: ReuseOptions): unknown {
  if (!isSystemFailure(failure)) return failure
  const { address, port, syscall } = request
  const code = bindErrorCode(errorName(failure.errno), failure.syscall)
  const asked = options.exclusive ? 'exclusive' : 'sharing'
  const attempt: BindAttempt = { ...request, family: familyOf(address), asked }
  const hint = bindHint(code, attempt)
  const about = { code, syscall, address, port, ...(hint && { hint }) }
  return noteFailedBind(systemError(failure, about), attempt)
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
