import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure, ReuseError } from '../lib/errors.js'
import { isWildcard, sameAddress } from './address.js'
import { type BoundAddress, native, type Protocol } from './native.js'
import { capabilities } from './platform.js'
import type { BindRequest, SocketUser } from './request.js'

/** A socket handed in by systemd or a supervisor; sd_listen_fds(3). */
export interface Inherited extends BoundAddress {
  descriptor: number
  protocol: Protocol
  ipv6Only: boolean
  /** What LISTEN_FDNAMES calls it. */
  name: string
}

/** The first descriptor that systemd passes: SD_LISTEN_FDS_START. */
const firstDescriptor = 3

let found: Inherited[] | undefined

/** Which sockets were handed in to this process; the descriptors stay where they are. */
export function listInherited(): readonly Inherited[] {
  found ??= findInherited()
  return found
}

/** Who uses which duplicate of an inherited descriptor. */
const uses = new Map<number, { user: SocketUser; duplicate: number }>()

/**
 * Returns a duplicate of the inherited socket with the requested address, or `null`.
 *
 * A duplicate, so that a server can close and listen again, and so that every thread can have one;
 * the inherited descriptor itself stays open, as its port stays open in systemd.
 *
 * @throws ReuseError `ERR_REUSE_INHERITED` if LISTEN_FDS does not match the descriptors that are there
 */
export function takeInherited(request: BindRequest, user: SocketUser): number | null {
  const inherited = listInherited()
  for (const [descriptor, use] of uses) {
    if (use.user === user || use.user.socket() !== use.duplicate) uses.delete(descriptor)
  }
  const free = inherited.find((one) => matches(one, request) && !uses.has(one.descriptor))
  if (free === undefined) return null
  const duplicate = native.duplicate(free.descriptor)
  uses.set(free.descriptor, { user, duplicate })
  return duplicate
}

/** Whether the socket that `user` uses now is an inherited one, which stays open after its close. */
export function isInherited(user: SocketUser): boolean {
  const socket = user.socket()
  return [...uses.values()].some((use) => use.user === user && use.duplicate === socket)
}

function matches(one: Inherited, request: BindRequest): boolean {
  if (one.protocol !== request.protocol || one.port !== request.port) return false
  if (request.address === null) return isWildcard(one.address)
  return sameAddress(one.address, request.address) && !(request.ipv6Only && !one.ipv6Only)
}

function findInherited(): Inherited[] {
  const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES } = process.env
  // The variables outlive an exec: only the process that they name may believe them.
  if (!capabilities.inherited || LISTEN_FDS === undefined || LISTEN_PID !== String(process.pid)) {
    return []
  }
  if (!/^\d{1,6}$/.test(LISTEN_FDS)) {
    throw inheritedError(`LISTEN_FDS is "${LISTEN_FDS}", not a number of descriptors`)
  }
  const names = LISTEN_FDNAMES?.split(':') ?? []
  const sockets = Array.from({ length: Number(LISTEN_FDS) }, (_, index) =>
    readInherited(firstDescriptor + index, names[index]),
  )
  return sockets.filter((socket) => socket !== null)
}

/** Describes a descriptor; `null` if it is neither a listening TCP socket nor a bound UDP socket. */
function readInherited(descriptor: number, name = 'unknown'): Inherited | null {
  try {
    native.setCloseOnExec(descriptor)
    const address = native.getAddress(descriptor)
    const protocol = native.getOption(descriptor, 'SO_TYPE') === 1 ? 'tcp' : 'udp'
    if (protocol === 'tcp' && native.getOption(descriptor, 'SO_ACCEPTCONN') === 0) return null
    const ipv6Only = address.family === 6 && native.getOption(descriptor, 'IPV6_V6ONLY') !== 0
    return { ...address, descriptor, protocol, ipv6Only, name }
  } catch (failure) {
    if (!isSystemFailure(failure)) throw failure
    if (errorName(failure.errno) !== 'EBADF') return null // A pipe, a file, a Unix socket.
    throw inheritedError(
      `LISTEN_FDS is ${process.env.LISTEN_FDS}, but descriptor ${descriptor} ("${name}") is closed`,
      failure,
    )
  }
}

function inheritedError(message: string, cause?: unknown): ReuseError {
  return new ReuseError('ERR_REUSE_INHERITED', message, {
    hint: 'The supervisor must pass descriptors from 3 up, see sd_listen_fds(3); unset LISTEN_FDS to bind instead.',
    cause,
  })
}

/**
 * What to do if a socket for this port was handed in, but to another process: a wrapper, such as
 * `sh -c` or npm, that has started this one instead of becoming it.
 */
export function handedToWrapper({ protocol, port }: BindRequest): string | undefined {
  const { LISTEN_FDS = '', LISTEN_PID } = process.env
  const isForOther = LISTEN_PID !== undefined && LISTEN_PID !== String(process.pid)
  if (!capabilities.inherited || !isForOther || !/^\d{1,6}$/.test(LISTEN_FDS)) return undefined
  const sockets = Array.from({ length: Number(LISTEN_FDS) }, (_, index) =>
    attempt(() => readInherited(firstDescriptor + index)),
  )
  if (!sockets.some((one) => one?.protocol === protocol && one.port === port)) return undefined
  return `A supervisor has passed this socket to process ${LISTEN_PID}, which has started this one (${process.pid}): start the program without a wrapper, or with exec (sh -c 'exec node server.js').`
}
