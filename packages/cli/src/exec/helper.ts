/**
 * What the launcher of `reuse exec` leaves to a program that knows about groups, so that the launcher stays
 * small:
 *
 * - `retire COUNT LEAVE DRAIN` takes the listeners that it has as descriptors 3 and up out of their groups;
 *   LEAVE and DRAIN are times in milliseconds. It prints `empty` when the program may end, and ends when the
 *   listeners are out. Its input ends when the program has ended.
 * - `arrange POLICY WEIGHT...` has the group of the listeners that it has as descriptors 3 and up steered,
 *   each listener with its weight.
 * - `explain ADDRESS PORT` says which process has a TCP port without sharing it.
 */
import { explain } from '@reuse/core'
import { arrangeGroup } from '@reuse/core/group'
import { firstPassed, retireAll } from './retire.js'

async function tellWhoHas(host: string, port: number): Promise<void> {
  const { summary, advice, shared, holders } = await explain({ port, host })
  const own = shared === false ? holders.find(({ uid }) => uid === process.geteuid?.()) : undefined
  const remedy =
    own === undefined ? '' : ` To let it share as it runs: reuse open ${own.pid} ${port}.`
  process.stderr.write(`reuse exec: ${summary} ${advice}${remedy}\n`)
}

const [, , verb, ...words] = process.argv
if (verb === 'retire') {
  const [count = 0, leave = 0, drain = 0] = words.map(Number)
  await retireAll(count, { leave, drain })
  process.exit() // Its input may still be open.
}
if (verb === 'arrange') {
  const [policy = '', ...weights] = words
  await arrangeGroup(
    weights.map((weight, index) => ({ socket: firstPassed + index, weight: Number(weight) })),
    policy,
  )
}
if (verb === 'explain') await tellWhoHas(words[0] ?? '', Number(words[1]))
