/** @throws if any failure was counted, with the counts of all kinds that occurred */
export function refuseFailures(counts: Readonly<Record<string, number>>): void {
  const failed = Object.entries(counts).filter(([, count]) => count > 0)
  if (failed.length === 0) return
  throw new Error(
    `failed requests: ${failed.map(([what, count]) => `${count} ${what}`).join(', ')}`,
  )
}
