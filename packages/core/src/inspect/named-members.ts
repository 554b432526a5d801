import type { Protocol } from '../socket/native.js'
import { listAllMembers } from './member-names.js'
import { descriptorOf } from './processes.js'

/** A member of a group, of whichever user, as its name tells it. */
export interface NamedMember {
  /** The group: its members have the same. */
  key: string
  /** Whether it is TCP or UDP. */
  protocol: Protocol
  /** Where it listens, or is bound. */
  address: string
  port: number
  /** The whole name. */
  name: string
  /** By which the kernel's lists know the member's socket. */
  inode: number
  /** The process that has the name, as it says itself. */
  pid: number
  /** Of the Unix socket that has the name: no other has it as long as that is open. */
  nameInode: number
}

const keyForm = /^(tcp|udp)\/([^/]+)\/(?:dual|only)\/(\d{1,5})\/\d+$/

/**
 * Lists the names of all members of all groups in this network namespace. It reads one file, and asks
 * nobody. Any local user can take such a name: see {@link hasMemberName}. Linux only.
 */
export function listMemberNames(): NamedMember[] {
  return listAllMembers().flatMap(({ key, name, inode, pid, nameInode }) => {
    const [, protocol, address, port] = keyForm.exec(key) ?? []
    if (protocol === undefined || address === undefined) return []
    return {
      ...{ key, name, inode, address, pid, nameInode, port: Number(port) },
      protocol: protocol === 'tcp' ? ('tcp' as const) : ('udp' as const),
    }
  })
}

/**
 * Whether the process that a name tells really has it: the system says so for processes of one's own
 * user, and to root. It lists the process' descriptors.
 *
 * @param member as it was listed
 */
export function hasMemberName({ pid, nameInode }: NamedMember): boolean {
  return descriptorOf(pid, nameInode) !== null
}
