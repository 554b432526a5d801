import { findOwners, type Ownership } from '../inspect/owners.js'
import { listSocketsAt, type Peer, peerOf } from '../inspect/peers.js'
import { searchGently } from '../inspect/processes.js'
import type { Protocol } from '../socket/native.js'
import type { GroupPolicy } from '../steering/policy.js'
import { ask } from './inquiry.js'

/** How long a member may take to answer, in milliseconds: its event loop may be busy. */
const patience = 1000

/** What a member says of itself. */
export interface Standing {
  /** Its share, relative to the others'. */
  weight: number
  /** The policy of its group. */
  policy: GroupPolicy
  /** Whether it shares with the same program only. */
  only: boolean
}

/** One TCP listener or UDP socket, whoever it belongs to, and what its member says of itself. */
export interface Listener extends Peer {
  /** Identifies it in the kernel's lists. */
  inode: number
  /** Whether it is TCP or UDP. */
  protocol: Protocol
  /** Whether a member of `@reuse` has it. */
  member: boolean
  /**
   * What that member says of itself; `null` if there is none, if it belongs to another user, and if it
   * does not answer within a second: it is then busy or stopped.
   */
  standing: Standing | null
}

/** Which sockets are meant. */
export interface ListenersOptions {
  /** Without it, the sockets of every port. */
  port?: number | undefined
  /** An address or a name; without it, every address. */
  host?: string | undefined
  /** Whether TCP listeners are meant, or UDP sockets. */
  protocol: Protocol
}

/**
 * Lists sockets, and asks those that are members what they are. Linux only.
 *
 * @param options which sockets
 * @throws ReuseError `ERR_REUSE_UNSUPPORTED` on another system
 * @throws a system error where the kernel refuses to list, or the name is unknown
 */
export async function listListeners({
  protocol,
  port = 0,
  host,
}: ListenersOptions): Promise<Listener[]> {
  const entries = await listSocketsAt(protocol, port, host)
  const found = await searchGently(findOwners(protocol, entries))
  return Promise.all(found.map((ownership) => listenerOf(protocol, ownership)))
}

async function listenerOf(protocol: Protocol, ownership: Ownership): Promise<Listener> {
  const { entry, owner, member } = ownership
  const isAsked = member !== null && entry.uid === process.geteuid?.()
  return {
    ...peerOf(ownership, owner?.pid === process.pid),
    inode: entry.inode,
    protocol,
    member: member !== null,
    standing: isAsked ? await standingOf(member.name) : null,
  }
}

/** What a member says of itself; `null` where nobody answers. */
export async function standingOf(name: string): Promise<Standing | null> {
  const answer = await ask(name, { type: 'about' }, patience)
  if (typeof answer === 'string' || answer.type !== 'hello') return null
  const { weight, policy, only } = answer
  return { weight, policy: policy.policy, only }
}
