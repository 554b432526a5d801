import type { SavedWorker } from '../state/file.js'

/**
 * Which worker of each slot stays, where a manager ended while it replaced some: one that is ready
 * before one that may not become so, a newer one before an older one.
 */
export function bestOfEachSlot(workers: readonly SavedWorker[]): Map<number, SavedWorker> {
  const best = new Map<number, SavedWorker>()
  for (const worker of workers) {
    const other = best.get(worker.slot)
    if (other === undefined || isBetter(worker, other)) best.set(worker.slot, worker)
  }
  return best
}

function isBetter(one: SavedWorker, other: SavedWorker): boolean {
  if (one.isReady !== other.isReady) return one.isReady
  return one.id > other.id
}
