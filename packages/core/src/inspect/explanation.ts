import { readFileSync } from 'node:fs'
import { attempt } from '../lib/attempt.js'
import { builtin } from '../lib/builtin.js'
import {
  type Endpoint,
  formatAddress,
  isWildcard,
  type Place,
  sameAddress,
} from '../socket/address.js'
import type { BindAttempt } from '../socket/failed-bind.js'
import type { SocketEntry } from '../socket/native.js'
import { isReservedPort } from '../socket/reserved-port.js'
import { tryToBind } from '../socket/try-to-bind.js'
import type { Peer } from './peers.js'
import type { Search } from './processes.js'
import { identifyRivals, listRivals, nameRival, type Rival } from './rivals.js'

/**
 * Why a bind failed, or the state of a port. Stable.
 *
 * - `free`: no socket holds it.
 * - `shared`: its holders share it with sockets of this user that ask to share.
 * - `not-shared`: its holder does not share it.
 * - `wildcard-overlap`, `specific-overlap`: like `not-shared`; the holder is on the wildcard and the
 *   bind on one address, or the other way round.
 * - `dual-stack-overlap`: like `not-shared`, between IPv4 and a `::` that also covers it.
 * - `other-user`: its holder runs as another user, and only sockets of one user share.
 * - `exclusive`: this bind asked for the port alone.
 * - `held`: a socket holds it, and the system does not say whether it shares the port.
 * - `no-listener`: a socket that does not listen holds it, such as an outgoing connection.
 * - `foreign-program`: `only: 'same-program'` refused it.
 * - `not-local-address`: this machine does not have the address.
 * - `privileged-port`: this user may not bind it.
 * - `forbidden`: a security policy or a sandbox does not let the program bind it.
 * - `reserved-port`: Windows reserves it, for Hyper-V for example, and nobody may bind it.
 * - `refused`: another {@link ReuseError}, explained by its `code` and `hint`.
 * - `unknown`: it is not the error of a bind, or the system does not say.
 */
export type Reason =
  | 'free'
  | 'shared'
  | 'not-shared'
  | 'wildcard-overlap'
  | 'specific-overlap'
  | 'dual-stack-overlap'
  | 'other-user'
  | 'exclusive'
  | 'held'
  | 'no-listener'
  | 'foreign-program'
  | 'not-local-address'
  | 'privileged-port'
  | 'forbidden'
  | 'reserved-port'
  | 'refused'
  | 'unknown'

/** Plain data; the sentences may change, `reason` does not. */
export interface Explanation {
  /** One sentence: who holds the port, whether the holder shares it, why the bind failed. */
  summary: string
  /** The same, for programs to read; stable. */
  reason: Reason
  /** What to do. */
  advice: string
  /** Whether a socket of this user may share the port with its holders; `null` if that is unknown. */
  shared: boolean | null
  /** The sockets that hold the port, or are in the way of the bind. Linux only, else empty. */
  holders: Peer[]
}

/** Explains a bind that failed with this error; `null` for an error that is not about a bind. */
export function* explainFailure(code: string, bind: BindAttempt): Search<Explanation | null> {
  switch (code) {
    case 'EADDRINUSE': {
      const rivals = yield* findRivals(bind)
      if (rivals === null) return heldBySomebody(bind)
      return rivals.length > 0 ? explainHeld(bind, rivals) : explainUnlisted(bind)
    }
    case 'EADDRNOTAVAIL': {
      const own = Object.values(builtin.os().networkInterfaces()).flatMap((all) => all ?? [])
      const list = own.map(({ address }) => address).join(', ')
      return {
        summary: `${bind.address} is not an address of this machine, which has ${list}.`,
        reason: 'not-local-address',
        advice: 'Choose one of these, or the wildcard 0.0.0.0 or `::`.',
        shared: null,
        holders: [],
      }
    }
    case 'EACCES':
      if (process.platform === 'win32') {
        return isReservedPort(bind) ? explainReserved(bind) : heldBySomebody(bind)
      }
      return explainDenied(bind)
    default:
      return null
  }
}

/** Explains an EACCES outside Windows. */
function explainDenied({ port }: BindAttempt): Explanation {
  const first = firstUnprivilegedPort()
  const about = { shared: null, holders: [] }
  if (port !== 0 && port < first) {
    const grant = process.platform === 'linux' ? ', or grant CAP_NET_BIND_SERVICE' : ''
    return {
      summary: `This user may not bind port ${port}, which is privileged.`,
      reason: 'privileged-port',
      advice: `Choose ${first} or a higher port${grant}.`,
      ...about,
    }
  }
  return {
    summary: `A security policy or a sandbox does not let this program bind port ${port}.`,
    reason: 'forbidden',
    advice:
      'Allow the port there (SELinux: `semanage port`; AppArmor, Landlock), or choose another one.',
    ...about,
  }
}

/** Ports below need a privilege; ip(7) on Linux, where it can be changed. */
function firstUnprivilegedPort(): number {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  return attempt(() => Number(readFileSync(file, 'utf8'))) ?? 1024
}

/**
 * Explains the state of a port.
 *
 * @param anywhere whether the port on every address is meant; `place` is then the widest wildcard
 */
export function* explainPort(place: Endpoint, anywhere: boolean): Search<Explanation> {
  const bind: BindAttempt = { ...place, asked: 'nothing' }
  const rivals = yield* findRivals(bind)
  if (rivals !== null && rivals.length > 0) {
    const { entry } = culprit(bind, rivals)
    return explainHeld(anywhere ? { ...bind, ...placeOf(entry) } : bind, rivals, true)
  }
  // A bind of a UDP socket cannot be tried: the socket would take datagrams. A TCP socket on the same
  // port number meets the same limits, except for who else is there.
  const udp = bind.protocol === 'udp'
  const obstacle = tryToBind(bind, rivals === null ? 'nothing' : 'sharing')
  const isLimit = obstacle !== null && obstacle !== 'EADDRINUSE'
  if (!isLimit && udp && rivals === null)
    return unknown(`The system does not say who holds ${at(bind)}.`)
  if (obstacle === null || (!isLimit && udp)) return free(bind, 'It can be bound.')
  if (obstacle === 'EADDRINUSE') return rivals === null ? heldBySomebody(bind) : noListener(bind)
  const limit = yield* explainFailure(obstacle, bind)
  return limit ?? unknown(`A bind to ${at(bind)} fails with ${obstacle}.`)
}

/** The explanation if nothing is known. */
export function unknown(summary: string): Explanation {
  return {
    summary,
    reason: 'unknown',
    advice: 'Pass explain() the error of a listen or bind, or { port }.',
    shared: null,
    holders: [],
  }
}

/** The sockets that compete with a bind; `null` if the system does not say. */
export function* findRivals(bind: Endpoint): Search<Rival[] | null> {
  let entries: SocketEntry[]
  try {
    entries = listRivals(bind)
  } catch {
    return null // Another system, or one that denies us sock_diag.
  }
  return yield* identifyRivals(bind.protocol, entries)
}

/** Which socket to name: of those in the way, the one that lets nobody in. */
function culprit(bind: BindAttempt, rivals: Rival[]): Rival {
  const [first, ...others] = rivals
  if (first === undefined) throw new RangeError('nobody is in the way')
  if (others.length === 0) return first
  const ofAnotherUser = rivals.find(isOfAnotherUser)
  if (ofAnotherUser !== undefined || bind.protocol === 'udp') return ofAnotherUser ?? first
  return rivals.find(({ entry }) => tryToBind(entry, 'sharing') === 'EADDRINUSE') ?? first
}

function isOfAnotherUser({ entry }: Rival): boolean {
  return entry.uid !== process.geteuid?.()
}

/** @param asking whether no bind has failed and somebody only asks */
function explainHeld(bind: BindAttempt, rivals: Rival[], asking = false): Explanation {
  const rival = culprit(bind, rivals)
  const { entry, peer } = rival
  const others = rivals.length > 1 ? `, with ${rivals.length - 1} more,` : ''
  const subject = `${nameRival(peer)}${others} holds ${formatAddress(entry.address, entry.port)}`
  const shared = rivals.some(isOfAnotherUser) ? false : canShare(bind)
  const known = { shared, holders: rivals.map((one) => one.peer) }

  if (bind.asked === 'exclusive') {
    return {
      ...known,
      summary: `${subject}, and this bind asked for the port alone.`,
      reason: 'exclusive',
      advice: 'Stop it, or choose another port.',
    }
  }
  if (isOfAnotherUser(rival)) {
    return {
      ...known,
      summary: `${subject} and belongs to another user.`,
      reason: 'other-user',
      advice: `Only sockets of one user may share a port, and this process runs as uid ${process.geteuid?.()}: run both as one user, or choose another port.`,
    }
  }
  if (shared === null) {
    return {
      ...known,
      summary: `${subject}, and the system does not say whether it shares the port.`,
      reason: 'held',
      advice: 'Call setReuse for both before they bind, stop it, or choose another port.',
    }
  }
  if (shared) return { ...known, reason: 'shared', ...adviseToShare(subject, bind, entry, asking) }

  const { reason, because } = overlapOf(bind, entry)
  return {
    ...known,
    summary: `${subject}${because} and does not share it.`,
    reason,
    advice: adviseUnshared(peer, bind, reason),
  }
}

/** Whether a bind here would succeed now if it asked to share; `null` if that cannot be tried. */
function canShare(bind: BindAttempt): boolean | null {
  // A UDP socket would be in the group from its bind on, and would take datagrams.
  if (bind.protocol === 'udp') return bind.asked === 'sharing' ? false : null
  const obstacle = tryToBind(bind, 'sharing')
  if (obstacle === null) return true
  return obstacle === 'EADDRINUSE' ? false : null
}

function adviseToShare(subject: string, bind: BindAttempt, entry: SocketEntry, asking: boolean) {
  if (bind.asked === 'sharing') {
    return { summary: `${subject} and now shares it.`, advice: 'Try again.' }
  }
  const sameGroup = overlapOf(bind, entry).reason === 'not-shared'
  const then = sameGroup ? 'to join it' : `to have a group of its own on ${at(bind)} beside it`
  return {
    summary: `${subject} and shares it${asking ? '' : ', but this bind did not ask to'}.`,
    advice: `Call setReuse before listen ${then}.`,
  }
}

function adviseUnshared(holder: Peer, bind: BindAttempt, reason: Reason): string {
  if (holder.self) {
    return 'Close that socket first, or call setReuse for both before they bind; or choose another port.'
  }
  const whom = bind.asked === 'sharing' ? 'it' : 'both'
  const narrower = reason === 'dual-stack-overlap' && bind.family === 6 ? 'set ipv6Only, ' : ''
  return `Start ${whom} with @reuse (or SO_REUSEPORT) too, stop it, ${narrower}or choose another port.`
}

/** How a holder is in the way of a bind. */
function overlapOf(bind: BindAttempt, entry: Place): { reason: Reason; because: string } {
  if (entry.family !== bind.family) {
    const because =
      bind.family === 6
        ? `, which ${at(bind)} covers as well unless it is ipv6Only,`
        : ', which also covers IPv4,'
    return { reason: 'dual-stack-overlap', because }
  }
  if (sameAddress(entry.address, bind.address)) return { reason: 'not-shared', because: '' }
  return isWildcard(entry.address)
    ? { reason: 'wildcard-overlap', because: `, which covers ${bind.address},` }
    : { reason: 'specific-overlap', because: `, a part of ${at(bind)},` }
}

/** Explains a bind that failed although the kernel lists no holder. */
function explainUnlisted(bind: BindAttempt): Explanation {
  // It lists every bound UDP socket, but for TCP only the listeners.
  const held = bind.protocol === 'tcp' && tryToBind(bind, bind.asked) !== null
  return held ? noListener(bind) : free(bind, 'Its holder has gone: try again.')
}

function noListener(bind: BindAttempt): Explanation {
  return {
    summary: `No listener holds ${at(bind)}, but a socket that does not listen does, such as an outgoing connection that uses this port.`,
    reason: 'no-listener',
    advice:
      'Wait until it is closed, or choose a port outside of net.ipv4.ip_local_port_range, or one in net.ipv4.ip_local_reserved_ports.',
    shared: false,
    holders: [],
  }
}

function free(bind: BindAttempt, advice: string): Explanation {
  return {
    summary: `No socket holds ${at(bind)}.`,
    reason: 'free',
    advice,
    shared: null,
    holders: [],
  }
}

/** The explanation if the system does not say who holds a port. */
function heldBySomebody(bind: BindAttempt): Explanation {
  const refuses = bind.asked === 'sharing'
  const tool = process.platform === 'win32' ? 'netstat -ano' : `lsof -nP -i :${bind.port}`
  return {
    summary: `Another socket holds ${at(bind)}${refuses ? ' and does not share it' : ''}.`,
    reason: 'held',
    advice: `Stop it, make it share the port, or choose another port; \`${tool}\` may show which process it is.`,
    shared: refuses ? false : null,
    holders: [],
  }
}

/** Explains a bind for which `isReservedPort` returns true. Windows only. */
export function explainReserved({ protocol, family, ipv6Only, port }: BindAttempt): Explanation {
  const list = (version: string): string =>
    `\`netsh interface ${version} show excludedportrange protocol=${protocol}\``
  const lists = [
    ...(family === 6 ? [list('ipv6')] : []),
    ...(family === 4 || !ipv6Only ? [list('ipv4')] : []),
  ]
  return {
    summary: `Windows does not let any program bind port ${port}: it is in a reserved range, such as those of Hyper-V, WSL and Docker.`,
    reason: 'reserved-port',
    advice: `Choose a port outside these ranges; ${lists.join(' and ')} shows them.`,
    shared: null,
    holders: [],
  }
}

function placeOf({ address, family, ipv6Only }: Place): Place {
  return { address, family, ipv6Only }
}

function at({ address, port }: Endpoint): string {
  return formatAddress(address, port)
}
