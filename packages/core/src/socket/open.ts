import { errorName, isSystemFailure, systemError } from '../lib/errors.js'
import { type Endpoint, familyOf } from './address.js'
import { type BindAttempt, noteFailedBind } from './failed-bind.js'
import { takeInherited } from './inherited.js'
import { native, type Protocol } from './native.js'
import { capabilities } from './platform.js'
import type { BindRequest, SocketOptions, SocketUser } from './request.js'
import { isReservedPort } from './reserved-port.js'
import { resetListenOptions, setListenOptions, setSharing } from './sharing.js'

/** A request whose address is settled. */
interface Bind extends BindRequest {
  address: string
  /** What an error calls the attempt. For a server, Node calls every step "listen". */
  syscall: 'listen' | 'bind'
}

/** Node's own default, which the kernel may reduce to its limit (net.core.somaxconn). */
const defaultBacklog = 511

/**
 * Opens the requested socket, bound, and listening if it is TCP; or adopts the orphan that was found
 * for it, or the inherited socket with that address.
 *
 * @throws SystemError, ReuseError; in that case no socket stays open
 */
export function openListener(
  request: BindRequest,
  options: SocketOptions,
  user: SocketUser,
  orphan: number | null = null,
): number {
  if (orphan !== null) return adopt(orphan, request, options)
  const inherited = takeInherited(request, user)
  if (inherited !== null) {
    const bind = settle(request, native.getAddress(inherited).address)
    const { check, share, listen } = stepsOf(bind, options)
    return run([check, share, listen], inherited, bind, options)
  }
  return openAnywhere(request.address, (address) => openAt(address, request, options))
}

/** @param address `null` for "any" */
function openAnywhere(address: string | null, open: (address: string) => number): number {
  if (address !== null) return open(address)
  const widest = anyAddress()
  try {
    return open(widest)
  } catch (error) {
    if (widest !== '::' || !isWithoutIPv6(error)) throw error
    return open('0.0.0.0')
  }
}

/** The result of `anyAddress`, once it is known: each `listen` asks for it more than once. */
let any: '::' | '0.0.0.0' | undefined

/** What "any" means on this system, as in Node: both families, if there is IPv6. */
export function anyAddress(): '::' | '0.0.0.0' {
  if (any !== undefined) return any
  try {
    native.close(native.open('tcp', 6))
    any = '::'
  } catch (failure) {
    if (!isSystemFailure(failure)) throw failure
    if (errorName(failure.errno) !== 'EAFNOSUPPORT') return '::'
    any = '0.0.0.0'
  }
  return any
}

/** Adopts a listener whose member is gone: it already shares and listens. Its new member's options apply. */
function adopt(orphan: number, request: BindRequest, options: SocketOptions): number {
  const bind = settle(request, native.getAddress(orphan).address)
  const { check, listen } = stepsOf(bind, options)
  return run([check, resetListenOptions, listen], orphan, bind, options)
}

function settle(request: BindRequest, address: string): Bind {
  return { ...request, address, syscall: request.protocol === 'tcp' ? 'listen' : 'bind' }
}

function openAt(address: string, request: BindRequest, options: SocketOptions): number {
  const settled = settle(request, address)
  const { reach, share, checkAhead, bind, check, listen } = stepsOf(settled, options)
  // For UDP only, Linux would choose for port 0 a port that a group of this user holds already. So
  // such a socket first gets a port of its own, and opens its group afterwards.
  const isOfGroup = request.protocol === 'udp' && !request.port && !options.isPlain
  const shareLater = process.platform === 'linux' && isOfGroup
  const shareAndBind = shareLater ? [bind, share] : [share, checkAhead, bind]
  // A socket that joins between the two checks is seen by the second.
  const steps = [reach, ...shareAndBind, check, listen, check]
  return run(steps, open(settled, options), settled, options)
}

/**
 * Opens a socket that shares its port and binds it, without listening.
 *
 * @throws SystemError; in that case no socket stays open
 */
export function openBound(request: BindRequest & { address: string }): number {
  const settled: Bind = { ...request, syscall: 'bind' }
  const { reach, share, bind } = stepsOf(settled, {})
  return run([reach, share, bind], open(settled, {}), settled, {})
}

/**
 * Binds a socket to a port that nobody has, and lets this user's sockets share it. Linux and macOS.
 *
 * @throws SystemError; in that case no socket stays open
 */
export function reservePort(request: Omit<BindRequest, 'port'>): number {
  return openAnywhere(request.address, (address) => {
    const settled: Bind = { ...request, address, port: 0, syscall: 'bind' }
    const { reach, bind, share } = stepsOf(settled, {})
    return run([reach, bind, share], open(settled, {}), settled, {})
  })
}

type Step = (socket: number) => void

/** The steps that make a socket a listener. */
function stepsOf(request: Bind, options: SocketOptions) {
  const { protocol, address, port, ipv6Only, backlog, reuseAddress = false } = request
  const { admit } = options
  return {
    reach: (socket) => {
      if (familyOf(address) === 6) native.setOption(socket, 'IPV6_V6ONLY', ipv6Only ? 1 : 0)
    },
    share: (socket) => {
      if (!options.isPlain) setSharing(socket, protocol, options.exclusive)
      if (reuseAddress && !options.exclusive) native.setOption(socket, 'SO_REUSEADDR', 1)
    },
    // A UDP socket is in the group when it is bound, a TCP socket when it listens.
    checkAhead: (socket) => {
      if (protocol === 'udp') admit?.(socket, { ...request, family: familyOf(address) })
    },
    bind: (socket) => native.bind(socket, address, port),
    check: (socket) => admit?.(socket, endpointOf(socket, protocol)),
    listen: (socket) => {
      setListenOptions(socket, options)
      // Node leaves it to a C++ conversion what a backlog of another type means.
      if (protocol === 'tcp') native.listen(socket, Number(backlog) | 0 || defaultBacklog)
    },
  } satisfies Record<string, Step>
}

function open(request: Bind, options: SocketOptions): number {
  try {
    return native.open(request.protocol, familyOf(request.address))
  } catch (failure) {
    throw failed(failure, request, options)
  }
}

function run(steps: Step[], socket: number, request: Bind, options: SocketOptions): number {
  try {
    for (const step of steps) step(socket)
    return socket
  } catch (failure) {
    native.close(socket)
    throw failed(failure, request, options)
  }
}

/** Gives a failure Node's shape, and notes which bind it is about. */
function failed(failure: unknown, request: Bind, options: SocketOptions): unknown {
  if (!isSystemFailure(failure)) return failure
  const { address, port, syscall } = request
  const asked = options.isPlain ? 'nothing' : options.exclusive ? 'exclusive' : 'sharing'
  const attempt: BindAttempt = { ...request, family: familyOf(address), asked }
  const code = bindErrorCode(errorName(failure.errno), failure.syscall, attempt)
  const hint = failure.syscall === 'setsockopt' ? refusedOption : undefined
  const about = { code, syscall, address, port, ...(hint && { hint }) }
  return noteFailedBind(systemError(failure, about), attempt)
}

/** Normally, none of the options that are set before a bind fails. */
const refusedOption = `This kernel, or a sandbox (seccomp), refuses a socket option. Sharing a port needs ${capabilities.option}, and the socket options that the options of setReuse name.`

/**
 * Windows refuses a bind beside an exclusive socket, or another user's, with WSAEACCES, where the other
 * systems say EADDRINUSE: callers get the one name that means "somebody else holds this port".
 */
function bindErrorCode(name: string, syscall: string, attempt: BindAttempt): string {
  const isUnclear = process.platform === 'win32' && syscall === 'bind' && name === 'EACCES'
  return isUnclear && !isReservedPort(attempt) ? 'EADDRINUSE' : name
}

function isWithoutIPv6(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
}

/** Where a socket is bound. */
export function endpointOf(socket: number, protocol: Protocol): Endpoint {
  const bound = native.getAddress(socket)
  const ipv6Only = bound.family === 6 && native.getOption(socket, 'IPV6_V6ONLY') !== 0
  return { ...bound, protocol, ipv6Only }
}
