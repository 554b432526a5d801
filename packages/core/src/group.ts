import fs from 'node:fs'
import { canonical, type Place, sameAddress } from './address.js'
import { attempt } from './attempt.js'
import { acquireLock, type Lock } from './lock.js'
import { native, type Protocol, type SocketEntry } from './native.js'
import { listSockets } from './peers.js'

/** A group as one of its sockets sees it. Linux only. */
export class Group {
  readonly socket: number
  readonly protocol: Protocol
  readonly place: Place & { port: number }
  /** By which the kernel's lists know the socket. */
  readonly inode: number
  /** The group's name among processes of this user in this network namespace. */
  readonly key: string

  constructor(socket: number, protocol: Protocol) {
    const { address, family, port } = native.getAddress(socket)
    const ipv6Only = family === 6 && native.getOption(socket, 'IPV6_V6ONLY') !== 0
    this.socket = socket
    this.protocol = protocol
    this.place = { address, family, port, ipv6Only }
    this.inode = fs.fstatSync(socket).ino
    const reach = ipv6Only ? 'only' : 'dual'
    this.key = [protocol, canonical(address), reach, port, process.geteuid?.()].join('/')
  }

  /** The sockets of the group, this one among them, as the kernel lists them. */
  sockets(): SocketEntry[] {
    return listGroup(this.protocol, this.place)
  }

  /** How many others there are in the group; 0 too where the system does not tell. */
  countOthers(): number {
    return (attempt(() => this.sockets().length) ?? 1) - 1
  }

  /** Takes the right to change who gets the group's connections. */
  lock(deadline: number): Promise<Lock | null> {
    return acquireLock(`reuse/lock/${this.key}`, deadline)
  }
}

/**
 * Lists the group of an address. Sockets share with those of the same address, and of the same
 * reach over IPv4, only.
 */
export function listGroup(protocol: Protocol, place: Place & { port: number }): SocketEntry[] {
  return listSockets(protocol, place.port).filter(
    (entry) =>
      entry.family === place.family &&
      entry.ipv6Only === place.ipv6Only &&
      sameAddress(entry.address, place.address),
  )
}
