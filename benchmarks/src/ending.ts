/** What has to be ended when the run is aborted, because it does not end with this program. */
const open = new Set<AsyncDisposable>()
let ending = false

/** Returns the same thing, which now ends before this program does, even if a signal ends the program. */
export function endWithThis<T extends AsyncDisposable>(thing: T): T {
  if (ending) throw new Error('the run was aborted')
  const end = thing[Symbol.asyncDispose].bind(thing)
  let ended: Promise<void> | undefined
  thing[Symbol.asyncDispose] = () => {
    ended ??= Promise.resolve(end()).finally(() => open.delete(thing))
    return ended
  }
  open.add(thing)
  return thing
}

/** On Ctrl-C and similar signals, ends everything that is open, and then this program. */
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
