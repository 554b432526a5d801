import type { SavedWorker } from '../state/file.js'

/**
 * Which worker of each slot stays, if a manager ended while it replaced some: none that was asked to end; a
 * ready one rather than one that may never be ready, then a newer one rather than an older one.
 */
export function bestOfEachSlot(workers: readonly SavedWorker[]): Map<number, SavedWorker> {
  const best = new Map<number, SavedWorker>()
  for (const worker of workers) {
    if (worker.isLeaving === true) continue
    const other = best.get(worker.slot)
    if (other === undefined || isBetter(worker, other)) best.set(worker.slot, worker)
  }
  return best
}

function isBetter(one: SavedWorker, other: SavedWorker): boolean {
  if (one.isReady !== other.isReady) return one.isReady
  return one.id > other.id
}
