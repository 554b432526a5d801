import fs from 'node:fs'
import { attempt } from '../lib/attempt.js'
import { scriptOf } from './processes.js'

/**
 * Whether a process runs the same program as this one: the same executable file, by device and
 * inode, on the same script, by its real path. A process that cannot be looked into does not.
 *
 * A process says by itself what its command line is. This tells programs apart; it does not unmask
 * one that means to deceive, which as the same user could also write into this one's memory.
 */
export function isSameProgram(pid: number): boolean {
  if (pid === process.pid) return true
  const own = identityOf(process.pid)
  return own !== null && identityOf(pid) === own
}

function identityOf(pid: number): string | null {
  // Through the link in /proc this is the very file that runs, though another has its path by now.
  const executable = attempt(() => fs.statSync(`/proc/${pid}/exe`, { bigint: true }))
  const script = scriptOf(pid)
  if (executable === undefined || script === null) return null
  return `${executable.dev}/${executable.ino} ${script}`
}
