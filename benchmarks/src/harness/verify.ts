import { request } from '@reuse/testkit'
import { body, whoPath } from '../apps/routes.js'
import type { RunningSide } from '../sides/side.js'

/** How many more than one a worker are asked who they are: chance spreads connections, not a list. */
const mostAsked = 200

/**
 * Sees that a side does what will be measured: the right answer at each port, and by every worker.
 *
 * @throws which answer was wrong, or who did not answer
 */
export async function verify(host: string, { ports, workers }: RunningSide): Promise<void> {
  for (const port of ports) {
    const answer = await request({ host, port })
    if (answer !== body) throw new Error(`port ${port} answers "${answer}" in place of "${body}"`)
  }
  const missing = new Set(workers)
  for (let asked = 0; missing.size > 0; asked += ports.length) {
    if (asked >= mostAsked * workers.length) {
      throw new Error(
        `of ${workers.length} workers these answered none of ${asked} requests: ${[...missing].join(', ')}`,
      )
    }
    const pids = await Promise.all(ports.map((port) => request({ host, port, path: whoPath })))
    for (const pid of pids) {
      if (!workers.includes(Number(pid)))
        throw new Error(`${pid} answers, and is none of the workers`)
      missing.delete(Number(pid))
    }
  }
}
