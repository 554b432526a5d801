import { request } from '@reuse/testkit'
import { body, whoPath } from '../apps/routes.js'
import type { RunningSide } from '../sides/side.js'

/** How many requests to make for each worker, to reach all of them: connections are spread by chance. */
const mostAsked = 200

/**
 * Checks that a side does what will be measured: the right answer at each port, and by every worker.
 *
 * @throws Error that says which answer was wrong, or which worker did not answer
 */
export async function verify(host: string, { ports, workers }: RunningSide): Promise<void> {
  for (const port of ports) {
    const answer = await request({ host, port })
    if (answer !== body) throw new Error(`port ${port} answers "${answer}" instead of "${body}"`)
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
        throw new Error(`${pid} answers, but is not one of the workers`)
      missing.delete(Number(pid))
    }
  }
}
