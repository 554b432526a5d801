import { findLauncher } from '../exec/launcher.js'
import type { RunLog } from './log.js'

/**
 * The first process of a container inherits every process that others leave behind, and has to reap it, which
 * Node does not do. So a native program takes its place, and starts this program again as its child.
 */
export function leaveFirstPlace(log: RunLog): void {
  if (process.pid !== 1) return
  if (!('execve' in process) || typeof process.execve !== 'function') {
    log.say(
      `this is the first process of its container, but Node ${process.version} does not reap processes that workers leave behind. Start the container with an init (docker run --init), or use Node 22.15.`,
      { level: 'warn' },
    )
    return
  }
  const { program } = findLauncher()
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(program, ['reuse-init', '--init', ...own], process.env)
}
