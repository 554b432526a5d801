/** What members weigh when a keeper balances them: a pure function. */
import { inodeOfId, isKeeper, type Peer } from './peer.js'

/**
 * The weights of a group's sockets, each multiplied by the factors that keepers give its member. A socket
 * whose member is gone keeps its weight, and so does a standby: 0 stays 0.
 *
 * @param weights as the members state them, by inode
 * @param ownId the id of the member that asks
 * @param present the members that it is connected to: a keeper's factors end with its connection
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
