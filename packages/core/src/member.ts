import type { AddressInfo } from 'node:net'
import { ReuseError, rethrow } from './errors.js'
import { Group } from './group.js'
import type { LeaveReport } from './leave.js'
import type { Membership } from './membership.js'
import { native, type Protocol } from './native.js'
import { describeSockets, type Peer, requirePeers } from './peers.js'
import { capabilities } from './platform.js'
import type { Queue } from './queue.js'
import { checkPolicy, type SteeringPolicy } from './steering/policy.js'

/** Your place in a group: one socket that shares its port. */
export interface Member {
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
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`, `ERR_REUSE_UNSUPPORTED`, `ERR_REUSE_LOCKED`
   * @throws a system error where the kernel refuses the program
   */
  steer(policy: SteeringPolicy): Promise<void>

  /**
   * Leaves the group so that nothing is lost: the other members get every new connection, this one
   * finishes the handshakes that are half way through and all that waits in its queue, and only then
   * stops listening. `server.close()` calls it; without the close, this closes the server as well.
   * What still waits after `leaveTimeout` is lost, and the report says so.
   *
   * @returns when the listener is closed; connections that are open may live on
   * @throws ReuseError `ERR_REUSE_NOT_LISTENING`
   */
  leave(): Promise<LeaveReport>
}

/** What a member's target, a server or UDP socket, does for it. */
export interface MemberTarget {
  /** The descriptor now, or `null` while there is none. */
  socket(): number | null
  leave(): Promise<LeaveReport>
  /** The socket's time in its group; `null` where it has none. */
  membership(): Membership | null
}

export class SocketMember implements Member {
  readonly #protocol: Protocol
  readonly #target: MemberTarget

  constructor(protocol: Protocol, target: MemberTarget) {
    this.#protocol = protocol
    this.#target = target
  }

  address(): AddressInfo | null {
    const socket = this.#target.socket()
    if (socket === null) return null
    const { address, port, family } = native.getAddress(socket)
    return { address, port, family: `IPv${family}` }
  }

  async peers(): Promise<Peer[]> {
    const socket = this.#require()
    requirePeers() // What Windows gives is no descriptor, and a group asks for its inode.
    const group = new Group(socket, this.#protocol)
    return describeSockets(group.sockets(), ({ inode }) => inode === group.inode)
  }

  async steer(policy: SteeringPolicy): Promise<void> {
    checkPolicy('steer', policy)
    if (typeof policy === 'object' && 'payload' in policy && this.#protocol === 'tcp') {
      throw new TypeError('steer: { payload } is for UDP: a TCP handshake has none')
    }
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
    this.#require()
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
    throw new ReuseError('ERR_REUSE_NOT_LISTENING', 'this member has no socket on a port now', {
      hint: 'Wait for "listening", and ask before the server closes. A server on a path has no group.',
    })
  }
}
