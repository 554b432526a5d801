import fs from 'node:fs'
import { attempt } from '../lib/attempt.js'
import { scriptOf } from './processes.js'

/**
 * Whether a process runs the same program as this one: the same executable file, by device and
 * inode, on the same script, by its real path. A process that cannot be inspected does not.
 *
 * A process can change what its command line says. This tells programs apart; it does not detect one
 * that wants to deceive. As the same user, that one could also write to this process' memory.
 */
export function isSameProgram(pid: number): boolean {
  if (pid === process.pid) return true
  const own = identityOf(process.pid)
  return own !== null && identityOf(pid) === own
}

function identityOf(pid: number): string | null {
  // Through the link in /proc, this is the very file that runs, even if another file has its path now.
  const executable = attempt(() => fs.statSync(`/proc/${pid}/exe`, { bigint: true }))
  const script = scriptOf(pid)
  if (executable === undefined || script === null) return null
  return `${executable.dev}/${executable.ino} ${script}`
}
