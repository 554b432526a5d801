import fs from 'node:fs'
import { canonical, type Place } from '../socket/address.js'
import type { Protocol } from '../socket/native.js'

/** A member's name: that of an abstract Unix socket, which the kernel removes with the member. */
export interface MemberName {
  /** The whole name. */
  name: string
  /** Distinguishes it from the group's other members: `<inode>.<pid>.<number>`. */
  id: string
  /** Identifies the member's socket in the kernel's lists. */
  inode: number
  pid: number
}

/** A member as the kernel lists its name. */
export interface ListedMember extends MemberName {
  /** Of the Unix socket that has the name: the process that has that socket open is the member. */
  nameInode: number
}

/** Members that use another version of the protocol have other names, and do not meet. */
const prefix = 'reuse/1'

let count = 0

/** Where a group is. */
export type GroupPlace = Place & { port: number }

/** The name of a group among processes of one user in one network namespace. */
export function groupKey(
  protocol: Protocol,
  { address, family, ipv6Only, port }: GroupPlace,
  uid = process.geteuid?.(),
): string {
  const reach = family === 6 && ipv6Only ? 'only' : 'dual'
  return [protocol, canonical(address), reach, port, uid].join('/')
}

/** Names a member that serves the socket with this inode. */
export function nameMember(key: string, inode: number): MemberName {
  // A random number beside the pid: another PID namespace may have the same pid.
  const number = (count++).toString(36) + Math.floor(Math.random() * 2 ** 32).toString(36)
  const id = `${inode}.${process.pid}.${number}`
  return { name: memberName(key, id), id, inode, pid: process.pid }
}

/** The whole name of a member. */
export function memberName(key: string, id: string): string {
  return `${prefix}/${key}/${id}`
}

/** The names of a group's lock, in the order in which they are tried. */
export function lockNames(key: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}/lock/${key}/${index}`)
}

/**
 * How /proc/net/unix shows a listening socket of type SOCK_SEQPACKET with an abstract name; proc(5). The
 * kernel prints names as they are: one with a line break can look like another socket's line.
 */
const listening = /^[0-9a-f]+: \S+ \S+ 00010000 0005 01 +(\d+) @(\S+)$/gm

/**
 * The names that begin with `start`, and the inodes of the sockets that listen under them. With a group
 * of 64 members, the file has thousands of lines: each connection has the name that it connected to.
 */
function* listNames(start: string): Generator<{ name: string; nameInode: number }> {
  const text = fs.readFileSync('/proc/net/unix', 'latin1')
  for (const [, nameInode, name = ''] of text.matchAll(listening)) {
    if (name.startsWith(start)) yield { name, nameInode: Number(nameInode) }
  }
}

/**
 * Lists who claims to be a member of a group. Any local user can take such a name: connect to it, and
 * the kernel says who has it.
 */
export function listMembers(key: string): ListedMember[] {
  const start = `${prefix}/${key}/`
  const members: ListedMember[] = []
  for (const { name, nameInode } of listNames(start)) {
    const member = parseMember(name, name.slice(start.length))
    if (member !== null) members.push({ ...member, nameInode })
  }
  return members
}

/** The inodes of the sockets that seem to listen under a name: only one does, and others' lines are forged. */
export function inodesOfName(name: string): number[] {
  const listed = [...listNames(name)].filter((each) => each.name === name)
  return listed.map(({ nameInode }) => nameInode)
}

function parseMember(name: string, id: string): MemberName | null {
  const [, inode, pid] = /^(\d{1,10})\.(\d{1,10})\.[0-9a-z]{1,20}$/.exec(id) ?? []
  if (inode === undefined || pid === undefined) return null
  return { name, id, inode: Number(inode), pid: Number(pid) }
}

/** Lists the members of all groups, with their groups' names. It does not interpret these names. */
export function listAllMembers(): (ListedMember & { key: string })[] {
  const start = `${prefix}/`
  const members: (ListedMember & { key: string })[] = []
  for (const { name, nameInode } of listNames(start)) {
    const slash = name.lastIndexOf('/')
    const member = slash < start.length ? null : parseMember(name, name.slice(slash + 1))
    if (member !== null)
      members.push({ ...member, nameInode, key: name.slice(start.length, slash) })
  }
  return members
}
