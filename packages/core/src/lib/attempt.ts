/** What a call gives, or `undefined` where it fails: for what may not be there to be asked. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
