/** What the option costs: one server with it against the same server without. */
import autocannon from 'autocannon'
import { formatRatio, measurePairs, type Pair, ratioOf } from '../pairs.js'
import { nodeCommand, Program } from '../program.js'
import type { Settings } from './index.js'

export async function option({ node, rounds = 10, seconds = 3 }: Settings): Promise<Pair[]> {
  console.log('\nrequests per second of one server on keep-alive connections')
  const measure = (mode: 'plain' | 'shared') => () => requestsPerSecond(node.program, mode, seconds)
  const pairs = await measurePairs(rounds, measure('plain'), measure('shared'), ({ a, b }) => {
    console.log(`  plain ${a.toFixed(0)}, shared ${b.toFixed(0)}, ratio ${(b / a).toFixed(3)}`)
  })
  console.log(`  shared / plain: ${formatRatio(ratioOf(pairs))}`)
  return pairs
}

/** A fresh process a trial, warmed up before it is measured. */
async function requestsPerSecond(
  node: string,
  mode: 'plain' | 'shared',
  seconds: number,
): Promise<number> {
  await using server = new Program(nodeCommand(node, './servers/http.js', mode))
  const load = { url: `http://127.0.0.1:${await server.hear('ready')}`, connections: 32 }
  await autocannon({ ...load, duration: 1 })
  const { requests, duration, non2xx, errors } = await autocannon({ ...load, duration: seconds })
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests failed`)
  return requests.total / duration
}
