import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { whyNotBare } from './bare.js'
import { Buttons } from './buttons.js'
import { Group } from './group.js'
import { createPage } from './page.js'
import { groupView, pressView } from './page-state.js'
import { findFree, host, listenOnFree } from './port.js'
import { bare } from './sides.js'

const pageFrom = 3001
const bareFrom = 3101

/** Sends requests to the group, and to one on bare `reusePort`, and shows both, until the signal. */
export async function stayUp(group: Group, signal: AbortSignal): Promise<void> {
  const note = await whyNotBare()
  const groups =
    note === null ? [group, new Group(bare, await findFree(bareFrom), signal)] : [group]
  try {
    await groups[1]?.start()
    await showPage(groups, note, signal)
  } finally {
    await groups[1]?.stop()
  }
}

async function showPage(
  groups: readonly Group[],
  note: string | null,
  signal: AbortSignal,
): Promise<void> {
  const buttons = new Buttons(groups, signal)
  const tallies = groups.map((group) => ({ group, tally: group.count() }))
  const page = createPage({
    state: () => ({
      groups: tallies.map(({ group, tally }) => groupView(group, tally)),
      note,
      press: buttons.last && pressView(buttons.last),
    }),
    press: (name, action) => buttons.press(name, action),
  })
  const port = await listenOnFree(page, pageFrom)
  console.log('The traffic goes on. Watch it, and restart, kill, stall or stop the programs:')
  console.log(`\n  http://${host}:${port}\n\nCtrl-C stops the demo.`)

  const lookAtQueues = async (group: Group): Promise<void> => {
    while (!signal.aborted) {
      await group.lookAtQueues()
      await setTimeout(1_000, null, { signal }).catch(() => {}) // The signal ends the pause.
    }
  }
  await Promise.all(groups.flatMap((group) => [group.send(), lookAtQueues(group)]))

  page.close()
  page.closeAllConnections()
  await once(page, 'close')
}
