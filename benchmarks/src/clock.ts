/** The time of day in milliseconds, with fractions: the same clock for all processes of a run. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
