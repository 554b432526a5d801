import fs from 'node:fs'
import { attempt } from '../lib/attempt.js'
import { ReuseError } from '../lib/errors.js'
import { type Endpoint, formatAddress } from '../socket/address.js'
import { noteFailedBind } from '../socket/failed-bind.js'
import type { Protocol } from '../socket/native.js'
import { endpointOf } from '../socket/open.js'
import type { SocketUser } from '../socket/request.js'
import type { Peer } from './peers.js'
import { programOf, type Search, scriptOf, searchGently, searchNow } from './processes.js'
import { identifyRivals, listRivals, nameRival } from './rivals.js'
import { isSameProgram } from './same-program.js'

/**
 * How often a member looks for newcomers, in milliseconds. One look is one request to the kernel;
 * processes are searched only for a newcomer.
 */
const interval = 1000

/** The foreign sockets about which there was a warning. */
const warned = new Set<number>()

/**
 * Refuses a port on which there is a socket of another program, for `only: 'same-program'`.
 *
 * @param endpoint where the socket is, or is about to be, bound
 * @throws ReuseError `ERR_REUSE_FOREIGN_PROGRAM`
 */
export function refuseForeign(socket: number, endpoint: Endpoint): void {
  if (endpoint.port === 0) return // It will get a port that nobody has.
  const foreign = searchNow(findForeign(endpoint, fs.fstatSync(socket).ino))
  const [first] = foreign
  if (first === undefined) return

  const others = foreign.length > 1 ? `, with ${foreign.length - 1} more,` : ''
  const where = formatAddress(first.address, first.port)
  const own = programOf(process.pid) ?? 'whose executable cannot be read'
  const error = new ReuseError(
    'ERR_REUSE_FOREIGN_PROGRAM',
    `${nameRival(first)}${others} holds ${where} and is not this program, ${own}`,
    {
      hint:
        scriptOf(process.pid) === null
          ? 'The script of this process cannot be found from its command line (process.title or process.chdir changes it), so no other process counts as the same program.'
          : 'Stop it, choose another port, or leave out the option "only".',
    },
  )
  throw noteFailedBind(error, { ...endpoint, asked: 'sharing' })
}

/**
 * Warns once about each socket of another program that joins later, until this one is closed. A socket
 * that comes and goes between two looks is not seen.
 */
export function watchForeign(socket: number, endpoint: Endpoint, user: SocketUser): void {
  const { ino } = fs.fstatSync(socket)
  const known = new Set<number>()

  const isOpen = (): boolean => {
    const now = user.socket()
    return now !== null && attempt(() => fs.fstatSync(now).ino) === ino
  }
  const look = async (): Promise<void> => {
    if (!isOpen()) return
    try {
      const foreign = await searchGently(findForeign(endpoint, ino, known))
      if (isOpen()) for (const peer of foreign) warn(peer)
    } catch {
      // There was no memory or descriptor for the request to the kernel: the next look tries again.
    }
    wait()
  }
  const wait = (): void => {
    setTimeout(look, interval).unref()
  }
  wait()
}

/** Refuses and watches, for a socket that is already bound. */
export function admitBound(socket: number, protocol: Protocol, user: SocketUser): void {
  const endpoint = endpointOf(socket, protocol)
  refuseForeign(socket, endpoint)
  watchForeign(socket, endpoint, user)
}

function warn(peer: Foreign): void {
  if (warned.has(peer.inode)) return
  warned.add(peer.inode)
  const where = formatAddress(peer.address, peer.port)
  process.emitWarning(`${nameRival(peer)} also holds ${where}, and is a different program.`, {
    type: 'ReuseWarning',
    code: 'REUSE_FOREIGN_MEMBER',
    detail: 'It may get connections that were meant for this one: stop it if it is not yours.',
  })
}

interface Foreign extends Peer {
  inode: number
}

/**
 * Finds the sockets of other programs that compete with the one with this inode.
 *
 * @param known inodes that need not be looked at again; this function updates it
 */
function* findForeign(
  endpoint: Endpoint,
  inode: number,
  known = new Set<number>(),
): Search<Foreign[]> {
  const suspects = yield* findSuspects(endpoint, inode, known)
  if (suspects.length === 0) return []
  // During a search, processes end and pass on their sockets. Only what was foreign twice is foreign.
  const inodes = new Set(suspects.map((suspect) => suspect.inode))
  const again = yield* findSuspects(endpoint, inode, known)
  return again.filter((suspect) => inodes.has(suspect.inode))
}

function* findSuspects(endpoint: Endpoint, inode: number, known: Set<number>): Search<Foreign[]> {
  const entries = listRivals(endpoint)
  const listed = new Set(entries.map((entry) => entry.inode))
  for (const one of known) if (!listed.has(one)) known.delete(one)
  const own = entries.find((entry) => entry.inode === inode)
  const fresh = entries.filter((entry) => entry !== own && !known.has(entry.inode))
  if (fresh.length === 0) return []

  const uid = own?.uid ?? process.geteuid?.()
  const rivals = yield* identifyRivals(
    endpoint.protocol,
    own === undefined ? fresh : [own, ...fresh],
  )
  // A process that also holds this very socket, such as the supervisor that handed it in, is trusted.
  const trusted = new Set(rivals.flatMap(({ entry, pids }) => (entry === own ? pids : [])))
  const suspects: Foreign[] = []
  for (const { entry, pids, peer } of rivals) {
    const friendly = pids.some((pid) => trusted.has(pid) || isSameProgram(pid))
    if (entry === own || (entry.uid === uid && friendly)) known.add(entry.inode)
    else suspects.push({ ...peer, inode: entry.inode })
  }
  return suspects
}
