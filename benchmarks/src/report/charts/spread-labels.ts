interface Room {
  /** The smallest distance between two labels. */
  gap: number
  min: number
  max: number
}

/** Places labels close to where they should be, in order, and without overlap. */
export function spreadLabels(wanted: readonly number[], { gap, min, max }: Room): number[] {
  const order = [...wanted.keys()].sort((a, b) => at(wanted, a) - at(wanted, b))
  // Labels that meet form a block, which is placed where the mean distance of its labels is smallest.
  const blocks: { indexes: number[]; start: number }[] = []
  for (const index of order) {
    let indexes = [index]
    let start = at(wanted, index)
    for (;;) {
      start = Math.max(min, Math.min(start, max - gap * (indexes.length - 1)))
      const before = blocks.at(-1)
      if (before === undefined || before.start + gap * before.indexes.length <= start) break
      blocks.pop()
      indexes = [...before.indexes, ...indexes]
      const shift = indexes.reduce((sum, each, place) => sum + at(wanted, each) - gap * place, 0)
      start = shift / indexes.length
    }
    blocks.push({ indexes, start })
  }
  const places = [...wanted]
  for (const { indexes, start } of blocks) {
    for (const [place, index] of indexes.entries()) places[index] = start + gap * place
  }
  return places
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0
}
