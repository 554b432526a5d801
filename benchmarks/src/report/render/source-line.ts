import { formatNumber } from '../quantity.js'
import type { Report } from '../schema.js'

/** What a reader must know for a figure to mean anything, in one line. */
export function sourceLine({ machine, versions, taken }: Report): string {
  const node = versions.node === undefined ? [] : [`Node ${versions.node.replace(/^v/, '')}`]
  return [
    `${machine.processors} × ${machine.processor}`,
    `${formatNumber(machine.memory / 2 ** 30)} GiB`,
    `${machine.system}, kernel ${machine.kernel}`,
    ...node,
    taken.slice(0, 10),
  ].join(' · ')
}
