import { capabilities, peers, type Queue } from '@reuse/core'
import { host } from './port.js'

/** The accept queue of each process that listens on a port, by pid. Empty if none can be seen. */
export async function acceptQueues(port: number): Promise<Map<number, Queue>> {
  const queues = new Map<number, Queue>()
  if (!capabilities.peers) return queues
  try {
    for (const { pid, queue } of await peers({ port, host })) {
      if (pid !== null) queues.set(pid, queue)
    }
  } catch {
    // Some sandboxes refuse sock_diag. The queues are an extra: who answered is visible without them.
  }
  return queues
}
