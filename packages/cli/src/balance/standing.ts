/** Where one member stands between two rounds. */
export interface Standing {
  /** Its weight beside those that are as they should be, whose weight is 1. */
  weight: number
  /** What a connection waited there in the round before, in milliseconds; `null` where that is not known. */
  wait: number | null
  /** For how many rounds it was calm. */
  calm: number
  /** How many calm rounds it takes until it gets more. */
  patience: number
  /** How often in a row it got more. */
  rises: number
}

/** A member that is new, or as it should be. */
export const fresh: Standing = { weight: 1, wait: null, calm: 0, patience: 2, rises: 0 }

/** No member gets less: what it gets shows that it has recovered. */
export const leastWeight = 1 / 16

/** What a round changes at most, by a factor. */
export const step = { down: 2 / 3, up: 5 / 4 }

/** The most rounds that a member waits until it is tried with more. */
const mostPatience = 32

/** Where a connection typically waits longer, in milliseconds, the others have no room for more. */
const crowded = 10

/** By how much longer than is typical connections wait where a member is busy, and where it is calm. */
const busy = { factor: 4, margin: 20 }
const calm = { factor: 1.5, margin: 5 }

/**
 * Where a member stands after a round.
 *
 * It gets less when two rounds in a row were busy, and more when several were calm; between the two limits
 * nothing changes. A member that gets more and is busy then has to be calm for twice as long the next time: so
 * what cannot carry more is tried more and more seldom, and weights do not swing. Where connections wait at most
 * members nobody gets less: it would only make others busy that are nearly so.
 *
 * @param wait there in this round; `null` where it is not known, and then nothing changes
 * @param typical wait among all, in milliseconds
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
  // One that carries more twice in a row has recovered.
  const patience = rises > 2 ? Math.max(fresh.patience, before.patience / 2) : before.patience
  return { ...before, weight, calm: 0, rises, patience }
}
