import { constants } from 'node:os'
import { readProc } from './process-tree.js'

/** Whether a process has a handler for a signal, which then does not end it; `null` if not known. */
export function catches(pid: number, signal: NodeJS.Signals): boolean | null {
  const [, mask] = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readProc(`/proc/${pid}/status`)) ?? []
  if (mask === undefined) return null
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
}
