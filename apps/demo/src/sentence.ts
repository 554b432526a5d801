import { type Capabilities, capabilities } from '@reuse/core'
import type { Tally } from './tally.js'

const whoGetsIt: Record<Capabilities['connections']['exact'], string> = {
  balanced: 'Each new connection goes to one of them: the kernel chooses.',
  newest: 'This system does not balance: each new connection goes to the newest of them.',
  oldest: 'This system does not balance: each new connection goes to the oldest of them.',
  indeterminate: 'This system does not say which of them a new connection goes to.',
}

/** What there is to see, in a sentence or two. */
export function describeSharing(running: number, port: number): string {
  if (running === 0) return `Nobody listens on port ${port}: each new connection is refused.`
  if (running === 1) return `One program has port ${port} to itself and gets each new connection.`
  return `${running} programs share port ${port}. ${whoGetsIt[capabilities.connections.exact]}`
}

/** What became of the requests. */
export function describeOutcome({ answered, slow, failed, reasons }: Tally): string {
  const why = failed === 0 ? '' : ` (${reasons})`
  return `${failed} of ${answered + failed} requests failed${why}; slower than half a second: ${slow}.`
}
