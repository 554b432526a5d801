/** What members weigh when a keeper balances them: pure. */
import { inodeOfId, isKeeper, type Peer } from './peer.js'

/**
 * The weights of a group's sockets, each multiplied by what keepers say of its member. Whose member is gone
 * keeps its weight, and so does a standby: 0 stays 0.
 *
 * @param weights as the members say, by inode
 * @param ownId of the member that asks
 * @param present those that it is connected to: what a keeper has said goes with its connection
 */
export function balancedWeights(
  weights: ReadonlyMap<number, number>,
  ownId: string,
  present: readonly Peer[],
): ReadonlyMap<number, number> {
  const keepers = present.filter((peer) => peer.factors.size > 0)
  if (keepers.length === 0) return weights
  const ids = [ownId, ...present.filter((peer) => !isKeeper(peer)).map(({ id }) => id)]
  const balanced = new Map(weights)
  for (const id of ids) {
    const inode = inodeOfId(id)
    const factor = keepers.reduce((product, { factors }) => product * (factors.get(id) ?? 1), 1)
    const weight = weights.get(inode)
    if (weight !== undefined) balanced.set(inode, weight * factor)
  }
  return balanced
}
