import fs from 'node:fs'
import type { AddressInfo } from 'node:net'
import { ReuseError, rethrow } from './errors.js'
import { native, type Protocol } from './native.js'
import { groupOf, type Peer } from './peers.js'
import { capabilities } from './platform.js'
import type { Queue } from './queue.js'

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
}

export class SocketMember implements Member {
  readonly #protocol: Protocol
  readonly #socket: () => number | null

  /** @param socket tells the descriptor now, or `null` while there is none */
  constructor(protocol: Protocol, socket: () => number | null) {
    this.#protocol = protocol
    this.#socket = socket
  }

  socket(): number | null {
    return this.#socket()
  }

  address(): AddressInfo | null {
    const socket = this.#socket()
    if (socket === null) return null
    const { address, port, family } = native.getAddress(socket)
    return { address, port, family: `IPv${family}` }
  }

  async peers(): Promise<Peer[]> {
    const socket = this.#require()
    const { address, family, port } = native.getAddress(socket)
    const ipv6Only = family === 6 && native.getOption(socket, 'IPV6_V6ONLY') !== 0
    return groupOf(this.#protocol, { address, family, port, ipv6Only }, fs.fstatSync(socket).ino)
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
    const socket = this.#socket()
    if (socket !== null) return socket
    throw new ReuseError('ERR_REUSE_NOT_LISTENING', 'this member has no socket on a port now', {
      hint: 'Wait for "listening", and ask before the server closes. A server on a path has no group.',
    })
  }
}
