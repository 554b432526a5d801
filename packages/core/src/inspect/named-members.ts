import type { Protocol } from '../socket/native.js'
import { listAllMembers } from './member-names.js'
import { descriptorOf } from './processes.js'

/** A member of a group, of any user, as its name describes it. */
export interface NamedMember {
  /** The group: all its members have the same key. */
  key: string
  /** Whether it is TCP or UDP. */
  protocol: Protocol
  /** Where it listens, or is bound. */
  address: string
  port: number
  /** The whole name. */
  name: string
  /** Identifies the member's socket in the kernel's lists. */
  inode: number
  /** The process that has the name, according to the name. */
  pid: number
  /** Of the Unix socket that has the name: no other socket has the name while that one is open. */
  nameInode: number
}

const keyForm = /^(tcp|udp)\/([^/]+)\/(?:dual|only)\/(\d{1,5})\/\d+$/

/**
 * Lists the names of all members of all groups in this network namespace. It reads one file, and asks
 * no process. Any local user can take such a name: see {@link hasMemberName}. Linux only.
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
 * Whether the process that a name contains really has the name. The system says so about processes of
 * this process' user and, to root, about all. It lists the process' descriptors.
 *
 * @param member as it was listed
 */
export function hasMemberName({ pid, nameInode }: NamedMember): boolean {
  return descriptorOf(pid, nameInode) !== null
}
