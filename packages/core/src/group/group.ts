import fs from 'node:fs'
import { type GroupPlace, groupKey } from '../inspect/member-names.js'
import { listSockets } from '../inspect/peers.js'
import { attempt } from '../lib/attempt.js'
import { isOwnUser } from '../lib/own-user.js'
import { sameAddress } from '../socket/address.js'
import { native, type Protocol, type SocketEntry } from '../socket/native.js'
import { endpointOf } from '../socket/open.js'

/** A group as one of its sockets sees it. Linux only. */
export class Group {
  readonly socket: number
  readonly protocol: Protocol
  readonly place: GroupPlace
  /** Identifies the socket in the kernel's lists. */
  readonly inode: number
  /** The group's name among processes of this user in this network namespace. */
  readonly key: string

  constructor(socket: number, protocol: Protocol) {
    const { address, family, port, ipv6Only } = endpointOf(socket, protocol)
    this.socket = socket
    this.protocol = protocol
    this.place = { address, family, port, ipv6Only }
    const { ino, uid } = fs.fstatSync(socket)
    this.inode = ino
    this.key = groupKey(protocol, this.place, userOf(uid))
  }

  /** The sockets of the group, this one among them, as the kernel lists them. */
  inodes(): ReadonlySet<number> {
    return new Set(listGroup(this.protocol, this.place, this.inode).map(({ inode }) => inode))
  }

  /** Whether a socket that another member has sent is one of this group. */
  includes(socket: number, inode: number): boolean {
    return isOfGroup(this.key, socket, inode)
  }
}

/** Whether a socket from another process is what that process says it is: one of a group. */
export function isOfGroup(key: string, socket: number, inode: number): boolean {
  return (
    attempt(() => {
      const protocol = native.getOption(socket, 'SO_TYPE') === 1 ? 'tcp' : 'udp'
      const listens = protocol === 'udp' || native.getOption(socket, 'SO_ACCEPTCONN') !== 0
      const place = endpointOf(socket, protocol)
      const { ino, uid } = fs.fstatSync(socket)
      // A UDP socket that is leaving is connected, and gets nothing from new clients.
      const isOut = protocol === 'udp' && native.isConnected(socket)
      return listens && !isOut && groupKey(protocol, place, userOf(uid)) === key && ino === inode
    }) ?? false
  )
}

/**
 * The user to whose group a socket belongs: the user that opened it, if that is or was this process' user,
 * because this process may have become another user since. A socket that a supervisor has opened as another
 * user belongs to the group of this process' user.
 */
function userOf(uid: number): number | undefined {
  return isOwnUser(uid) ? uid : process.geteuid?.()
}

export function inodeOf(socket: number): number {
  return fs.fstatSync(socket).ino
}

/**
 * Lists the group of an address. Sockets share only with those that have the same user, the same address
 * and the same reach over IPv4, and that SO_BINDTODEVICE has bound to the same interface, or also to none.
 *
 * @param own the inode of a socket of the group; without it, the group of this user that is bound to none
 */
export function listGroup(protocol: Protocol, place: GroupPlace, own?: number): SocketEntry[] {
  const entries = listSockets(protocol, place.port).filter(
    (entry) =>
      entry.family === place.family &&
      entry.ipv6Only === (place.family === 6 && place.ipv6Only) &&
      sameAddress(entry.address, place.address),
  )
  const { uid, device } = entries.find(({ inode }) => inode === own) ?? {
    uid: process.geteuid?.(),
    device: 0,
  }
  return entries.filter((entry) => entry.device === device && entry.uid === uid)
}
