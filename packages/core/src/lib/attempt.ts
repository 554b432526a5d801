/** Returns what a call returns, or `undefined` if it throws: for what may not be there. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
