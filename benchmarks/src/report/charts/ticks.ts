/** Selects, from sorted places on an axis, those whose names do not touch. */
export function apart(places: readonly number[], distance: number): number[] {
  const kept: number[] = []
  for (const place of places) {
    if (place - (kept.at(-1) ?? Number.NEGATIVE_INFINITY) >= distance) kept.push(place)
  }
  return kept
}

/** 1, 2, 5, 10, 20, … within the domain. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const first = Math.floor(Math.log10(low))
  const length = Math.ceil(Math.log10(high)) - first + 1
  return Array.from({ length }, (_, index) => first + index)
    .flatMap((decade) => [1, 2, 5].map((digit) => Number(`${digit}e${decade}`)))
    .filter((tick) => tick >= low && tick <= high)
}
