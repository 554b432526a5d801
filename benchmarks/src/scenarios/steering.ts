/** How near the share of each member comes to what the group's policy asks for. */
import { spawnSync } from 'node:child_process'
import os from 'node:os'
import { capabilities } from '@reuse/core'
import { Skip } from '../skip.js'
import { steeringCases } from '../steering/cases.js'
import { measureShares, type SteeringResult } from '../steering/measure.js'
import { formatShare, type Share } from '../steering/share.js'
import { printTable } from '../table.js'
import type { Settings } from './index.js'

const defaults = { connections: 20_000, rate: 3000 }

export async function steering({ node, ...given }: Settings): Promise<SteeringResult[]> {
  if (!capabilities.steering) throw new Skip('steering needs Linux')
  const settings = { ...defaults, ...given, node: node.program }
  console.log(`\nthe share of each member of ${settings.connections} connections, and in brackets`)
  console.log('how far that is from what was asked, in standard errors')

  const results: SteeringResult[] = []
  for (const each of steeringCases(usableCpus())) {
    const result = await measureShares(each, settings)
    results.push(result)
    const moved = result.moved === undefined ? '' : `, ${result.moved} addresses moved`
    const shares = result.shares.map(formatShare).join(', ')
    console.log(`  ${result.name}: ${shares}${moved}, failed ${result.failed}`)
  }
  printResults(results)
  return results
}

/** Those on which this process may run; a container may have some of them only. */
function usableCpus(): number[] {
  return [...os.cpus().keys()].filter(
    (cpu) => spawnSync('taskset', ['-c', String(cpu), 'true']).status === 0,
  )
}

function printResults(results: readonly SteeringResult[]): void {
  const most = Math.max(...results.map(({ shares }) => shares.length))
  const cells = (shares: Share[]): string[] =>
    Array.from({ length: most }, (_, index) => {
      const share = shares[index]
      if (share === undefined) return ''
      return `${(100 * share.asked).toFixed(2)} % → ${formatShare(share)}`
    })
  printTable(
    ['policy', ...Array.from({ length: most }, (_, index) => `member ${index}`)],
    results.map(({ name, shares }) => [name, ...cells(shares)]),
  )
  const all = results.flatMap(({ shares }) => shares)
  const near = all.filter(({ deviation }) => Math.abs(deviation) <= 2)
  console.log(`${near.length} of ${all.length} shares are within two standard errors`)
  console.log('(by chance alone one in 22 is not)')
}
