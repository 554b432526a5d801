import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createPage } from './page.js'
import { pageState } from './page-state.js'
import { host, listenOnFree } from './port.js'
import type { Program } from './program.js'
import { acceptQueues } from './queues.js'
import { Recent } from './recent.js'
import type { Tally } from './tally.js'
import { keepSending } from './traffic.js'

const requestsPerSecond = 200

const firstPagePort = 3001

/** The shares are those of this time, in ms. */
const span = 3_000

/** Keeps the traffic going and shows it on a page, until the signal. */
export async function stayUp(
  port: number,
  programs: readonly Program[],
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const recent = new Recent(span, performance.now())
  let queues = await acceptQueues(port)

  const page = createPage({
    state: () =>
      pageState({ port, programs, tally, queues, rates: recent.rates(performance.now()) }),
    act: (name, action) => act(programs, name, action),
  })
  const pagePort = await listenOnFree(page, firstPagePort)
  console.log('The traffic goes on. Watch it, stop a program, and start it again:')
  console.log(`\n  http://${host}:${pagePort}\n\nCtrl-C ends it all.`)

  const watchQueues = async (): Promise<void> => {
    while (!signal.aborted) {
      queues = await acceptQueues(port)
      await setTimeout(1_000, null, { signal }).catch(() => {}) // The signal ends the pause.
    }
  }
  const traffic = keepSending(port, requestsPerSecond, signal, (outcome) => {
    tally.add(outcome)
    if ('program' in outcome) recent.add(outcome.program, performance.now())
  })
  await Promise.all([traffic, watchQueues()])

  page.close()
  page.closeAllConnections()
  await once(page, 'close')
}

/** Does what a button says; gives the HTTP status of the answer. */
function act(programs: readonly Program[], name: string, action: string): number {
  const program = programs.find((one) => one.name === name)
  if (program === undefined) return 404
  if (action === 'stop') {
    program.stop()
    return 202
  }
  if (program.state !== 'stopped') return 409
  program.start().catch(() => {}) // The page shows how it ended.
  return 202
}
