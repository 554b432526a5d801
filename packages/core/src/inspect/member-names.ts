import fs from 'node:fs'
import { canonical, type Place } from '../socket/address.js'
import type { Protocol } from '../socket/native.js'

/** A member's name: an abstract Unix socket, which the kernel removes with its holder. */
export interface MemberName {
  /** The whole name. */
  name: string
  /** What tells it from the group's other members: `<inode>.<pid>.<number>`. */
  id: string
  /** By which the kernel's lists know the member's socket. */
  inode: number
  pid: number
}

/** A member as the kernel lists its name. */
export interface ListedMember extends MemberName {
  /** Of the Unix socket that has the name: whoever has that open is the member. */
  nameInode: number
}

/** Members that speak another protocol have other names, and do not meet. */
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
  // Beside the pid a number at random: another PID namespace may have the same pid.
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

/** How /proc/net/unix shows the listening sockets of whole messages that have an abstract name; proc(5). */
const listening = / 00010000 0005 01 +(\d+) @(\S+)$/gm

/**
 * The names that begin so, and the inodes of the sockets that listen under them. In a group of 64 members the
 * file has thousands of lines: each connection has the name that was connected to.
 */
function* listNames(start: string): Generator<{ name: string; nameInode: number }> {
  const text = fs.readFileSync('/proc/net/unix', 'latin1')
  for (const [, nameInode, name = ''] of text.matchAll(listening)) {
    if (name.startsWith(start)) yield { name, nameInode: Number(nameInode) }
  }
}

/**
 * Lists who presents itself as a member of a group. Any local user can take such a name:
 * who has it is asked of the kernel, by a connection to it.
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

/** The inode of the socket that listens under a name; `null` where none does. */
export function inodeOfName(name: string): number | null {
  for (const listed of listNames(name)) if (listed.name === name) return listed.nameInode
  return null
}

function parseMember(name: string, id: string): MemberName | null {
  const [, inode, pid] = /^(\d{1,10})\.(\d{1,10})\.[0-9a-z]{1,20}$/.exec(id) ?? []
  if (inode === undefined || pid === undefined) return null
  return { name, id, inode: Number(inode), pid: Number(pid) }
}

/** Lists the members of all groups, with their groups' names. What such a name means is not looked at. */
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
