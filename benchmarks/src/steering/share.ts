/** What one member of a group got, and what it should have got. */
export interface Share {
  /** The share it should get, from 0 to 1. */
  asked: number
  got: number
  of: number
  /** How far off `got` is, in standard errors of this many trials. */
  deviation: number
}

/** Compares counts with the weights that were asked for. */
export function sharesOf(counts: readonly number[], weights: readonly number[]): Share[] {
  const of = counts.reduce((sum, count) => sum + count, 0)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  return counts.map((got, index) => {
    const asked = (weights[index] ?? 0) / all
    const off = got - of * asked
    // If chance plays no part, nothing may be off.
    const error = Math.sqrt(of * asked * (1 - asked))
    return { asked, got, of, deviation: off === 0 ? 0 : off / error }
  })
}
