/** The messages between the programs of the benchmark and the program that started them. */

/** The argument with which this program was started. */
export function argument<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

export function say(name: string, content: unknown = null): void {
  process.send?.({ [name]: content })
}

/** Receives commands; exits when the program that sends them is gone. */
export function onCommand(handlers: Record<string, (content: never) => void>): void {
  process.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return
    for (const [name, content] of Object.entries(message)) handlers[name]?.(content as never)
  })
  process.once('disconnect', () => process.exit())
}
