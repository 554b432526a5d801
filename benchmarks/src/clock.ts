/** The time of day in milliseconds, with their parts: one and the same for all processes of a run. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
