import { medianSorted, quantileSorted } from 'simple-statistics'

export interface Pair {
  a: number
  b: number
}

/**
 * Measures two sides in turn, A B B A A B …, so that what changes on the machine meanwhile meets
 * both alike.
 */
export async function measurePairs(
  rounds: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
  onPair: (pair: Pair) => void = () => {},
): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round++) {
    const pair = { a: 0, b: 0 }
    for (const side of round % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
      pair[side] = await (side === 'a' ? a() : b())
    }
    pairs.push(pair)
    onPair(pair)
  }
  return pairs
}

export interface Ratio {
  median: number
  low: number
  high: number
}

/** The ratio b / a over the pairs: its median and its quartiles. */
export function ratioOf(pairs: readonly Pair[]): Ratio {
  const ratios = pairs.map(({ a, b }) => b / a).sort((x, y) => x - y)
  return {
    median: medianSorted(ratios),
    low: quantileSorted(ratios, 0.25),
    high: quantileSorted(ratios, 0.75),
  }
}

export function formatRatio({ median, low, high }: Ratio): string {
  return `${median.toFixed(3)} (quartiles ${low.toFixed(3)} to ${high.toFixed(3)})`
}
