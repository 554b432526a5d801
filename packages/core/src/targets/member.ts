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
  /** How long leaving may take, in milliseconds: the value of the option, or from the environment. */
  readonly leaveTimeout: number

  /** Where this member is bound; `null` before it is bound, and after it has closed. */
  address(): AddressInfo | null

  /**
   * Lists all sockets of the group; this member's is marked `self`. Linux only.
   *
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   */
  peers(): Promise<Peer[]>

  /**
   * How much waits in this member's socket now, and how much may wait. Linux only.
   *
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   */
  queue(): Queue

  /**
   * Changes which member gets each new connection of the whole group, from now on. Linux only.
   *
   * @throws TypeError, RangeError if `policy` is invalid, or has weights, but not one for each member
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`
   * @throws a system error if the kernel refuses the filter
   */
  steer(policy: SteeringPolicy): Promise<void>

  /**
   * Leaves the group, closes as `server.close()` does, and reports how that went. The other members
   * serve the connections that wait here and those in the middle of their handshake, since each of
   * them holds a duplicate of this socket. If only programs without @reuse are left, new connections
   * go to them, and this member serves those it has until its socket is empty or `leaveTimeout` is
   * over.
   *
   * After that, a UDP socket receives nothing more, and can still send until you close it.
   *
   * @returns a promise that resolves when the socket is no longer in anyone's way; open connections may
   * stay open
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`
   */
  leave(): Promise<LeaveReport>
}

/** What a member's target, a server or UDP socket, does for it. */
export interface MemberTarget {
  /** The current descriptor; `null` while there is none, or none that is known. */
  socket(): number | null
  address(): AddressInfo | null
  leave(): Promise<LeaveReport>
  /** The socket's membership in its group; `null` if it has none. */
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
    requirePeers() // A group needs the descriptor's inode, and on Windows a socket is not a descriptor.
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
        'this member is not in a group that can be steered',
        {
          hint: 'Steering needs Linux (capabilities.steering), and a server that is not exclusive.',
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
  return new ReuseError('ERR_REUSE_NOT_LISTENING', 'this member is not listening on a port', {
    hint: 'Wait for "listening", and call this before the server closes. A server on a path has no group.',
  })
}
