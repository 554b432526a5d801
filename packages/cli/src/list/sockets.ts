import type { Listener, ListenersOptions } from '@reuse/core/group'
import { formatPolicy } from '../policy.js'
import { userName } from '../users.js'

/** Lists sockets in the order of the table. */
export async function findSockets(where: ListenersOptions): Promise<Listener[]> {
  // Loaded only when needed, so that the help works where the addon does not.
  const { listListeners } = await import('@reuse/core/group')
  const found = await listListeners(where)
  return found.sort(
    (a, b) =>
      a.port - b.port ||
      a.address.localeCompare(b.address) ||
      (a.pid ?? Number.POSITIVE_INFINITY) - (b.pid ?? Number.POSITIVE_INFINITY) ||
      a.inode - b.inode,
  )
}

/** A socket in JSON. */
export function plainOf(socket: Listener) {
  const { protocol, address, port, pid, program, uid, member, standing } = socket
  const { queue, orphan, holders, inode } = socket
  return {
    ...{ protocol, address, port, pid, program, uid, user: userName(uid), member },
    weight: standing?.weight ?? null,
    policy: standing === null ? null : formatPolicy(standing.policy),
    ...{ queue, orphan, holders, inode },
  }
}
