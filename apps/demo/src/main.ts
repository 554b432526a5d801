import os from 'node:os'
import { demo } from './demo.js'
import { readOptions, UsageError, usage } from './options.js'

const interruption = new AbortController()
let interruptedBy: 'SIGINT' | 'SIGTERM' | null = null
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second Ctrl-C kills the demo, and the programs end when they lose their parent.
  process.once(name, () => {
    interruptedBy = name
    console.log('\nEnding the programs.')
    interruption.abort()
  })
}

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.help) console.log(usage)
  else process.exitCode = await run(options)
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  console.error(describe(error))
}

async function run(options: ReturnType<typeof readOptions>): Promise<number> {
  const exitCode = await demo(options, interruption.signal)
  if (interruptedBy === null) return exitCode
  // Staying up can only end with a signal; with --once, an interruption is a failure.
  return options.once ? 128 + os.constants.signals[interruptedBy] : 0
}

/** A system error comes with a hint from @reuse/core: who holds the port, what to do. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isOfPort = 'hint' in error && 'syscall' in error
  return isOfPort || error instanceof UsageError ? error.message : (error.stack ?? error.message)
}
