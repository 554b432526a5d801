/**
 * Loaded into each worker of Node's cluster module before its script, on systems where all workers accept
 * from one listener: makes the worker leave when its manager says so, as SIGTERM does on Linux.
 */
import '@reuse/core/register'
import { leaveMessage } from './messages.js'

process.on('message', (message) => {
  if (message === leaveMessage) leave()
})
// A Ctrl-C in a terminal is for the manager, which makes the workers leave.
process.on('SIGINT', () => {})

function leave(): void {
  // A program that closes its servers itself ends when it has nothing left to do.
  process.channel?.unref()
  if (!process.emit('SIGTERM', 'SIGTERM')) process.kill(process.pid, 'SIGTERM')
}
