import net from 'node:net'
import { builtin } from '../lib/builtin.js'
import { checkOptions, portRule, type Schema } from '../lib/check-options.js'
import { ReuseError, rethrow } from '../lib/errors.js'
import { show } from '../lib/show.js'
import { sameAddress } from '../socket/address.js'
import { native, type Protocol, type SocketEntry } from '../socket/native.js'
import { capabilities } from '../socket/platform.js'
import type { Queue } from '../socket/queue.js'
import { findOwners, type Ownership } from './owners.js'
import { searchGently } from './processes.js'

/** One socket of a group, whoever it belongs to. */
export interface Peer {
  /**
   * The process that serves the socket; `null` if the process belongs to another user, if it has left or
   * died, or if /proc does not show it, as in a container, a chroot or under `--permission`.
   */
  pid: number | null
  /** The effective user that opened the socket. */
  uid: number
  /** What the process runs, e.g. `node server.js`; `null` if `pid` is, or if /proc does not show it. */
  program: string | null
  /** Where the socket is bound: the wildcard or one address, without a zone. */
  address: string
  /** The port that it is bound to. */
  port: number
  /** How much waits in it, and how much may wait. */
  queue: Queue
  /** From `member.peers()`: whether it is that member. From `peers()`: whether this process serves it. */
  self: boolean
  /** Whether its process has left or died, and members of its group keep it alive and serve it. */
  orphan: boolean
  /** The pids of the other processes that hold it, such as the members of its group. */
  holders: number[]
}

/** Which sockets `peers()` lists. */
export interface PeersOptions {
  /** The port whose sockets are listed. */
  port: number
  /** An address or a host name. Default: the sockets of every address. */
  host?: string
  /** Default `'tcp'`. */
  protocol?: Protocol
}

const schema: Schema<PeersOptions> = {
  port: portRule,
  host: { type: 'string' },
  protocol: { type: 'one of', values: ['tcp', 'udp'] },
}

/**
 * Lists the sockets that hold a port, whether they use `@reuse` or not, in no particular order.
 *
 * Linux only: it asks sock_diag(7), which shows the sockets of every user in this network
 * namespace, and finds the processes of the current user in /proc.
 *
 * @param where a port, `'host:port'`, or an object that says which sockets
 * @throws ReuseError `ERR_REUSE_UNSUPPORTED` on another system
 */
export async function peers(where: PeersOptions | number | string): Promise<Peer[]> {
  const { port, host, protocol = 'tcp' } = checkPeersOptions('peers', where)
  const entries = await listSocketsAt(protocol, port, host)
  return describeSockets(protocol, entries, ({ owner }) => owner?.pid === process.pid)
}

/** `3000`, `:3000`, `localhost:3000`, `127.0.0.1:3000`, `[::1]:3000`; `null` for anything else. */
export function parsePlace(text: string): PeersOptions | null {
  const [, bracketed, name, port] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+))?:)?(\d+)$/.exec(text) ?? []
  if (port === undefined) return null
  const host = bracketed ?? name
  return { port: Number(port), ...(host === undefined ? {} : { host }) }
}

/** Checks the argument that says which sockets are meant: options, a port, or a place as text. */
export function checkPeersOptions(
  caller: string,
  given: PeersOptions | number | string,
): PeersOptions {
  if (typeof given === 'number') return checkPeersOptions(caller, { port: given })
  if (typeof given === 'string') {
    const place = parsePlace(given)
    if (place !== null) return checkPeersOptions(caller, place)
    const forms = 'a port, "host:port" or { port, host, protocol }'
    throw new TypeError(`${caller} takes ${forms}, got ${show(given)}`)
  }
  const checked = checkOptions(caller, given, schema)
  if (checked.port === undefined) throw new TypeError(`${caller}: option "port" is missing`)
  return checked
}

/** Throws if the system does not list sockets. */
export function requirePeers(): void {
  if (capabilities.peers) return
  throw new ReuseError('ERR_REUSE_UNSUPPORTED', `peers() needs Linux, not ${process.platform}`, {
    hint: 'Check capabilities.peers first.',
  })
}

/** The sockets that the kernel lists for a port; port 0 means every port. */
export function listSockets(protocol: Protocol, port: number): SocketEntry[] {
  requirePeers()
  return rethrow(() => native.list(protocol, port), {
    hint: 'The kernel lacks or refuses sock_diag: it needs the modules inet_diag, tcp_diag and udp_diag, and a sandbox that lets netlink sockets through.',
  })
}

/** The same for one host, an address or a name; without it, for every address. */
export async function listSocketsAt(
  protocol: Protocol,
  port: number,
  host?: string,
): Promise<SocketEntry[]> {
  const entries = listSockets(protocol, port)
  if (host === undefined) return entries
  const addresses = net.isIP(host) ? [host] : await resolve(host)
  return entries.filter(({ address }) => addresses.some((one) => sameAddress(one, address)))
}

async function resolve(host: string): Promise<string[]> {
  const found = await builtin.dns().promises.lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** Describes each socket, with who has it. */
export async function describeSockets(
  protocol: Protocol,
  entries: SocketEntry[],
  isSelf: (ownership: Ownership) => boolean,
): Promise<Peer[]> {
  const found = await searchGently(findOwners(protocol, entries))
  return found.map((ownership) => peerOf(ownership, isSelf(ownership)))
}

export function peerOf({ entry, owner, orphan, holders }: Ownership, self: boolean): Peer {
  return {
    pid: owner?.pid ?? null,
    uid: entry.uid,
    program: owner?.program ?? null,
    address: entry.address,
    port: entry.port,
    queue: { length: entry.length, limit: entry.limit },
    self,
    orphan,
    holders: holders.flatMap(({ pid }) => (pid === owner?.pid ? [] : pid)),
  }
}
