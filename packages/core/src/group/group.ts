import fs from 'node:fs'
import { type GroupPlace, groupKey } from '../inspect/member-names.js'
import { listSockets } from '../inspect/peers.js'
import { attempt } from '../lib/attempt.js'
import { sameAddress } from '../socket/address.js'
import { native, type Protocol, type SocketEntry } from '../socket/native.js'
import { endpointOf } from '../socket/open.js'

/** A group as one of its sockets sees it. Linux only. */
export class Group {
  readonly socket: number
  readonly protocol: Protocol
  readonly place: GroupPlace
  /** By which the kernel's lists know the socket. */
  readonly inode: number
  /** The group's name among processes of this user in this network namespace. */
  readonly key: string

  constructor(socket: number, protocol: Protocol) {
    const { address, family, port, ipv6Only } = endpointOf(socket, protocol)
    this.socket = socket
    this.protocol = protocol
    this.place = { address, family, port, ipv6Only }
    this.inode = inodeOf(socket)
    this.key = groupKey(protocol, this.place)
  }

  /** The sockets of the group, this one among them, as the kernel lists them. */
  inodes(): ReadonlySet<number> {
    return new Set(listGroup(this.protocol, this.place).map(({ inode }) => inode))
  }

  /** Whether a socket that another member has sent is one of this group. */
  includes(socket: number, inode: number): boolean {
    return isOfGroup(this.key, socket, inode)
  }
}

/** Whether a socket that another process has sent is what it says it is: one of a group. */
export function isOfGroup(key: string, socket: number, inode: number): boolean {
  return (
    attempt(() => {
      const protocol = native.getOption(socket, 'SO_TYPE') === 1 ? 'tcp' : 'udp'
      const listens = protocol === 'udp' || native.getOption(socket, 'SO_ACCEPTCONN') !== 0
      const place = endpointOf(socket, protocol)
      return listens && groupKey(protocol, place) === key && inodeOf(socket) === inode
    }) ?? false
  )
}

export function inodeOf(socket: number): number {
  return fs.fstatSync(socket).ino
}

/**
 * Lists the group of an address. Sockets share with those of the same address, and of the same
 * reach over IPv4, only; and what SO_BINDTODEVICE has bound to an interface is not of their group.
 */
export function listGroup(protocol: Protocol, place: GroupPlace): SocketEntry[] {
  return listSockets(protocol, place.port).filter(
    (entry) =>
      entry.family === place.family &&
      entry.ipv6Only === (place.family === 6 && place.ipv6Only) &&
      entry.device === 0 &&
      sameAddress(entry.address, place.address),
  )
}
