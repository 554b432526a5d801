import type { AddressInfo } from 'node:net'
import type { LeaveReport } from '../group/departure.js'
import { Group, listGroup } from '../group/group.js'
import type { Membership } from '../group/membership.js'
import { requirePolicySupport } from '../group/policy-support.js'
import { describeSockets, type Peer, requirePeers } from '../inspect/peers.js'
import { ReuseError, rethrow } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import { capabilities } from '../socket/platform.js'
import type { Queue } from '../socket/queue.js'
import { checkPolicy, type SteeringPolicy } from '../steering/policy.js'
import { defaultLeaveTimeout, type ReuseOptions } from './options.js'

/** Your place in a group: one socket that shares its port. */
export interface Member {
  /** How long leaving may take, in milliseconds: the option's value, or what the environment says. */
  readonly leaveTimeout: number

  /** Where this member is bound; `null` before that, and after it closed. */
  address(): AddressInfo | null

  /**
   * The whole group, this member marked `self`. Linux only.
   *
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   */
  peers(): Promise<Peer[]>

  /**
   * What waits in this member's socket now, and how much may. Linux only.
   *
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   */
  queue(): Queue

  /**
   * Changes who gets the new connections of the whole group, from now on. Linux only.
   *
   * @throws TypeError, RangeError for what is no policy, or weights that are not one for each member
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   * @throws a system error where the kernel refuses the filter
   */
  steer(policy: SteeringPolicy): Promise<void>

  /**
   * Leaves the group and closes, as `server.close()` does, and tells how that went. The other members
   * serve what waits here and what is in the middle of its handshake, since each of them holds a
   * duplicate of this socket. Where only programs without @reuse are left, new connections go to
   * them, and this member serves what it has until its socket is empty, or `leaveTimeout` is over.
   *
   * A UDP socket receives nothing any more after it, and can still send until you close it.
   *
   * @returns when the socket is in nobody's way; connections that are open may live on
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`
   */
  leave(): Promise<LeaveReport>
}

/** What a member's target, a server or UDP socket, does for it. */
export interface MemberTarget {
  /** The descriptor now, or `null` while there is none, or none that is known. */
  socket(): number | null
  address(): AddressInfo | null
  leave(): Promise<LeaveReport>
  /** The socket's time in its group; `null` where it has none. */
  membership(): Membership | null
}

/** Where a socket is bound. */
export function addressOfSocket(socket: number): AddressInfo {
  const { address, port, family } = native.getAddress(socket)
  return { address, port, family: `IPv${family}` }
}

export class SocketMember implements Member {
  readonly #protocol: Protocol
  readonly #target: MemberTarget
  readonly leaveTimeout: number

  constructor(protocol: Protocol, target: MemberTarget, { leaveTimeout }: ReuseOptions) {
    this.#protocol = protocol
    this.#target = target
    this.leaveTimeout = leaveTimeout ?? defaultLeaveTimeout
  }

  address(): AddressInfo | null {
    return this.#target.address()
  }

  async peers(): Promise<Peer[]> {
    const socket = this.#require()
    requirePeers() // What Windows gives is no descriptor, and a group asks for its inode.
    const { place, inode } = new Group(socket, this.#protocol)
    const entries = listGroup(this.#protocol, place, inode)
    return describeSockets(this.#protocol, entries, ({ entry }) => entry.inode === inode)
  }

  async steer(policy: SteeringPolicy): Promise<void> {
    checkPolicy('steer', policy)
    requirePolicySupport(policy, this.#protocol)
    this.#require()
    const membership = this.#target.membership()
    if (membership === null) {
      throw new ReuseError(
        'ERR_REUSE_UNSUPPORTED',
        'this member is in no group that can be steered',
        {
          hint: 'It takes Linux (capabilities.steering), and a server that is not exclusive.',
        },
      )
    }
    await membership.steer(policy)
  }

  async leave(): Promise<LeaveReport> {
    if (this.address() === null) throw notListening()
    return this.#target.leave()
  }

  queue(): Queue {
    if (!capabilities.queue) {
      throw new ReuseError(
        'ERR_REUSE_UNSUPPORTED',
        `queue() needs Linux, not ${process.platform}`,
        { hint: 'Check capabilities.queue first.' },
      )
    }
    const socket = this.#require()
    return rethrow(() => native.getQueue(socket))
  }

  #require(): number {
    const socket = this.#target.socket()
    if (socket !== null) return socket
    throw notListening()
  }
}

function notListening(): ReuseError {
  return new ReuseError('ERR_REUSE_NOT_LISTENING', 'this member has no socket on a port now', {
    hint: 'Wait for "listening", and ask before the server closes. A server on a path has no group.',
  })
}
