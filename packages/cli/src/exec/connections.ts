import fs from 'node:fs'
import { socketsOf } from '../state/process-tree.js'

/** The state of a connection in /proc/net/tcp; proc(5). */
const established = '01'

/** Whether some processes have connections that came in on a port. */
export function hasConnections(port: number, pids: readonly number[]): boolean {
  const inodes = connectionsOf(port)
  return (
    inodes.size > 0 && pids.some((pid) => [...socketsOf(pid)].some((inode) => inodes.has(inode)))
  )
}

/** The inodes of the connections of a local port. */
function connectionsOf(port: number): Set<number> {
  const found = new Set<number>()
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(file)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
      if (local.endsWith(suffix) && state === established) found.add(Number(inode))
    }
  }
  return found
}

function linesOf(file: string): string[] {
  try {
    return fs.readFileSync(file, 'latin1').split('\n')
  } catch {
    return [] // A kernel without IPv6.
  }
}
