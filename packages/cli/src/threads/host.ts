/**
 * The process of an app that runs in threads: `host.js OPTIONS SCRIPT [ARGUMENTS]`, where OPTIONS is
 * `HostOptions` as JSON. It says `ready` on its channel when all threads serve, and leaves on a signal.
 */
import { setImmediate } from 'node:timers/promises'
import type { ToHost, ToManager } from '../supervisor/host-messages.js'
import { ThreadHost } from './thread-host.js'

const signals = ['SIGTERM', 'SIGINT'] as const

const [, , options = '', file = '', ...args] = process.argv
const host = new ThreadHost(
  { ...JSON.parse(options), file, args },
  {
    onStarted: () => tellManager('started'),
    onReady: () => tellManager('ready'),
    onRestart: () => tellManager('restarted'),
    note: (text) => process.stderr.write(`reuse: ${text}\n`),
    onEnd: async (code) => {
      await setImmediate() // So that what threads have printed is written.
      process.exit(code)
    },
  },
)

/** The manager may have been killed: then nobody waits for this. */
function tellManager(message: ToManager): void {
  if (process.connected) process.send?.(message, () => {})
}

async function onSignal(signal: NodeJS.Signals): Promise<void> {
  // A second signal ends the process.
  for (const each of signals) process.off(each, onSignal)
  await host.leave()
  await setImmediate()
  process.kill(process.pid, signal)
}

for (const signal of signals) process.on(signal, onSignal)
process.on('message', (message: ToHost) => message === 'ready' && host.setReady())
host.start()
