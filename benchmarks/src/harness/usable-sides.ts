import type { Scenario } from '../report/index.js'
import type { Side } from '../sides/side.js'
import type { Settings } from './benchmark.js'

export interface UsableSides {
  sides: Side[]
  skipped: Scenario['skipped']
}

/** The requested sides that can run here, and why the others cannot. */
export function usableSides({ sides, node }: Settings): UsableSides {
  const usable: UsableSides = { sides: [], skipped: [] }
  for (const side of sides) {
    const reason = side.unavailable(node)
    if (reason === null) usable.sides.push(side)
    else usable.skipped.push({ side: side.title, reason })
  }
  return usable
}
