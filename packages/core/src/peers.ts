import dns from 'node:dns/promises'
import net from 'node:net'
import { sameAddress } from './address.js'
import { ReuseError, rethrow } from './errors.js'
import { native, type Protocol, type SocketEntry } from './native.js'
import { checkOptions, port as portRule, type Schema } from './options.js'
import { capabilities } from './platform.js'
import { findHolders, type Holder, searchGently } from './processes.js'
import type { Queue } from './queue.js'

/** One socket of a group, whoever's it is. */
export interface Peer {
  /** The process that holds the socket; `null` where it belongs to another user. */
  pid: number | null
  /** The effective user that opened the socket. */
  uid: number
  /** What runs there, e.g. `node server.js`; `null` where it belongs to another user. */
  program: string | null
  /** Where the socket is bound: the wildcard or one address, without a zone. */
  address: string
  /** The port that it is bound to. */
  port: number
  /** What waits in it, and how much may. */
  queue: Queue
  /** From a member: whether it is this member. From `peers()`: whether this process holds it. */
  self: boolean
}

/** Which sockets `peers()` lists. */
export interface PeersOptions {
  /** The port whose sockets are listed. */
  port: number
  /** An address or a name; without it, the sockets of every address. */
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
 * Lists the sockets that hold a port, members of `@reuse` or not, in no particular order.
 *
 * Linux only: it asks sock_diag(7), which shows the sockets of every user in this network
 * namespace, and finds the processes of one's own user in /proc.
 *
 * @throws ReuseError `ERR_REUSE_UNSUPPORTED` on another system
 */
export async function peers(where: PeersOptions): Promise<Peer[]> {
  const { port, host, protocol = 'tcp' } = checkPeersOptions('peers', where)
  let entries = listSockets(protocol, port)
  if (host !== undefined) {
    const addresses = net.isIP(host) ? [host] : await resolve(host)
    entries = entries.filter((entry) => addresses.some((one) => sameAddress(one, entry.address)))
  }
  return describeSockets(entries, (_, holder) => holder?.pid === process.pid)
}

/** Checks what says which sockets are meant. */
export function checkPeersOptions(caller: string, given: PeersOptions): PeersOptions {
  const checked = checkOptions(caller, given, schema)
  if (checked.port === undefined) throw new TypeError(`${caller}: option "port" is missing`)
  return checked
}

/** Refuses where the system lists no sockets. */
export function requirePeers(): void {
  if (capabilities.peers) return
  throw new ReuseError('ERR_REUSE_UNSUPPORTED', `peers() needs Linux, not ${process.platform}`, {
    hint: 'Check capabilities.peers first.',
  })
}

/** What the kernel lists of a port; port 0 means every port. */
export function listSockets(protocol: Protocol, port: number): SocketEntry[] {
  requirePeers()
  return rethrow(() => native.list(protocol, port), {
    hint: 'The kernel lacks or refuses sock_diag: it needs the modules inet_diag, tcp_diag and udp_diag, and a sandbox that lets netlink sockets through.',
  })
}

async function resolve(host: string): Promise<string[]> {
  const found = await dns.lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** Says of each socket who holds it. */
export async function describeSockets(
  entries: SocketEntry[],
  isSelf: (entry: SocketEntry, holder: Holder | undefined) => boolean,
): Promise<Peer[]> {
  const holders = await searchGently(findHolders(new Set(entries.map((entry) => entry.inode))))
  return entries.map((entry) => {
    const holder = holders.get(entry.inode)?.at(-1)
    return peerOf(entry, holder, isSelf(entry, holder))
  })
}

export function peerOf(entry: SocketEntry, holder: Holder | undefined, self: boolean): Peer {
  return {
    pid: holder?.pid ?? null,
    uid: entry.uid,
    program: holder?.program ?? null,
    address: entry.address,
    port: entry.port,
    queue: { length: entry.length, limit: entry.limit },
    self,
  }
}
