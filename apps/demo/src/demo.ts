import { Group } from './group.js'
import { findFree, requireFree } from './port.js'
import { describeSharing } from './sentence.js'
import { withReuse } from './sides.js'
import { stayUp } from './stay-up.js'
import { formatTable } from './table.js'
import type { Tally } from './tally.js'

const firstRequests = 600

/**
 * Starts the programs, sends requests, prints who answered; then stays up, or ends at once. No
 * process is left behind.
 *
 * @returns the exit code: 0, or 1 if a program got nothing
 */
export async function demo(
  { port: wanted, once }: { port?: number; once: boolean },
  signal: AbortSignal,
  side = withReuse,
): Promise<number> {
  const port = wanted === undefined ? await findFree(3000) : await requireFree(wanted)
  const group = new Group(side, port, signal)
  const tally = group.count()
  try {
    await group.start()
    console.log(describeSharing(group.programs.length, port))
    await group.send(firstRequests)
    group.endCount(tally)
    if (signal.aborted) return 1
    console.log(await describeAnswers(group, tally))
    if (!once) await stayUp(group, signal)
  } catch (error) {
    // Programs that were still starting end before they are ready.
    if (!signal.aborted) throw error
  } finally {
    await group.stop()
  }
  return tally.idle.length === 0 ? 0 : 1
}

async function describeAnswers(group: Group, tally: Tally): Promise<string> {
  await group.lookAtQueues()
  const rows = group.programs.map(({ name, pid }) => ({
    program: name,
    pid,
    requests: tally.of(name),
    queue: pid === null ? undefined : group.queues.get(pid),
  }))
  const failed = tally.failed === 0 ? 'none' : tally.reasons
  const sums = `${tally.answered} requests answered, each on a new connection; failed: ${failed}.`
  const silent = tally.idle.map((name) => `\n${name} got nothing.`).join('')
  return `${formatTable(rows)}\n${sums}${silent}\n`
}
