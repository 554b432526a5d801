import { type BinaryTarget, binaryTargets, targetName } from '../targets.js'

/**
 * The targets that a list names, such as `linux-x64-musl,darwin-arm64`; `linux-x64` means all targets
 * of that system, including the launcher and the preload library. Without a list, every target.
 */
export function selectTargets(list?: string): readonly BinaryTarget[] {
  if (list === undefined) return binaryTargets
  const selected = new Set<BinaryTarget>()
  for (const name of list.split(',')) {
    const targets = binaryTargets.filter((target) =>
      `${targetName(target)}-`.startsWith(`${name}-`),
    )
    if (targets.length === 0) {
      const known = binaryTargets.map(targetName).join(', ')
      throw new Error(`--only: there is no target ${JSON.stringify(name)}; there are ${known}`)
    }
    for (const target of targets) selected.add(target)
  }
  return binaryTargets.filter((target) => selected.has(target))
}
