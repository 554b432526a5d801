/** What has to be ended when the run is broken off, as it does not end with this program. */
const open = new Set<AsyncDisposable>()
let ending = false

/** Gives the same thing, which is ended before this program even where a signal ends it. */
export function endWithThis<T extends AsyncDisposable>(thing: T): T {
  if (ending) throw new Error('the run is broken off')
  const end = thing[Symbol.asyncDispose].bind(thing)
  let ended: Promise<void> | undefined
  thing[Symbol.asyncDispose] = () => {
    ended ??= Promise.resolve(end()).finally(() => open.delete(thing))
    return ended
  }
  open.add(thing)
  return thing
}

/** On Ctrl-C and its like ends all that is open, and then this program. */
export function endOnSignals(): void {
  const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const
  for (const [signal, number] of Object.entries(signals)) {
    process.once(signal, async () => {
      ending = true
      await Promise.allSettled([...open].map((thing) => thing[Symbol.asyncDispose]()))
      process.exit(128 + number)
    })
  }
}
