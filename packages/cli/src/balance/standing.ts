/** Where one member stands between two rounds. */
export interface Standing {
  /** Its weight relative to healthy members, whose weight is 1. */
  weight: number
  /** How long a connection waited there in the previous round, in milliseconds; `null` if not known. */
  wait: number | null
  /** How many rounds in a row it was calm. */
  calm: number
  /** How many calm rounds in a row it takes until its weight rises. */
  patience: number
  /** How many times in a row its weight rose. */
  rises: number
}

/** A new or healthy member. */
export const fresh: Standing = { weight: 1, wait: null, calm: 0, patience: 2, rises: 0 }

/** The lowest weight: a member must still get connections to show that it has recovered. */
export const leastWeight = 1 / 16

/** The factors by which a round changes a weight at most. */
export const step = { down: 2 / 3, up: 5 / 4 }

/** The most calm rounds that a member waits until it is tried with a higher weight. */
const mostPatience = 32

/** If connections typically wait longer than this, in milliseconds, the others have no room for more. */
const crowded = 10

/** By how much the wait at a busy member exceeds the typical one, and by how much it may at a calm one. */
const busy = { factor: 4, margin: 20 }
const calm = { factor: 1.5, margin: 5 }

/**
 * Where a member stands after a round.
 *
 * Its weight falls when two rounds in a row were busy, and rises when several were calm; between the two
 * limits nothing changes. A member that is busy after its weight rose must be calm for twice as long the next
 * time: so a member that cannot carry more is tried less and less often, and weights do not oscillate. If
 * connections wait at most members, no weight falls: that would only make others busy that are nearly so.
 *
 * @param wait how long connections wait there in this round; `null` if not known: then nothing changes
 * @param typical the typical wait among all members, in milliseconds
 */
export function nextStanding(before: Standing, wait: number | null, typical: number): Standing {
  if (wait === null) return before
  const isBusy = (one: number): boolean => one > busy.factor * typical + busy.margin
  if (isBusy(wait)) {
    const isSure = before.wait !== null && isBusy(before.wait) && typical <= crowded
    const after = { ...before, wait, calm: 0 }
    return isSure ? lowered(after) : after
  }
  const isCalm = wait <= calm.factor * typical + calm.margin
  const after = { ...before, wait, calm: isCalm ? before.calm + 1 : 0 }
  return after.calm >= after.patience ? raised(after) : after
}

function lowered(before: Standing): Standing {
  const { weight, patience, rises } = before
  return {
    ...before,
    weight: Math.max(leastWeight, weight * step.down),
    patience: rises > 0 ? Math.min(mostPatience, patience * 2) : patience,
    rises: 0,
  }
}

function raised(before: Standing): Standing {
  const weight = Math.min(1, before.weight * step.up)
  if (weight === 1) return { ...fresh, wait: before.wait }
  const rises = before.rises + 1
  // A member that has carried more twice in a row has recovered.
  const patience = rises > 2 ? Math.max(fresh.patience, before.patience / 2) : before.patience
  return { ...before, weight, calm: 0, rises, patience }
}
