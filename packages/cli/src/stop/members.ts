import type { Listener } from '@reuse/core/group'
import { findSockets } from '../list/sockets.js'
import { ownUid } from '../users.js'

/** A program, and the ports that the command is about. */
export interface Program {
  pid: number
  program: string | null
  ports: number[]
}

/** The sockets of this machine that members of this user have, and the others. */
export interface Found {
  members: readonly Listener[]
  strangers: readonly Listener[]
}

export async function findMembers(): Promise<Found> {
  const both = [findSockets({ protocol: 'tcp' }), findSockets({ protocol: 'udp' })]
  const all = (await Promise.all(both)).flat()
  const isOwn = ({ member, uid, pid }: Listener): boolean =>
    member && uid === ownUid() && pid !== null
  return {
    members: all.filter(isOwn),
    // An orphan belongs to the members.
    strangers: all.filter((one) => !isOwn(one) && !one.orphan),
  }
}

/** The programs that have these sockets. */
export function programsOf(sockets: readonly Listener[]): Program[] {
  const found = new Map<number, Program>()
  for (const { pid, program, port } of sockets) {
    if (pid === null) continue
    const known = found.get(pid) ?? { pid, program, ports: [] }
    if (!known.ports.includes(port)) known.ports.push(port)
    found.set(pid, known)
  }
  return [...found.values()]
}
