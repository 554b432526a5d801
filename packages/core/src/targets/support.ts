import { requirePolicySupport } from '../group/policy-support.js'
import { ReuseError } from '../lib/errors.js'
import type { Protocol } from '../socket/native.js'
import { capabilities } from '../socket/platform.js'
import type { ReuseOptions } from './options.js'

/** Refuses what this system or this kind of socket cannot do, before anything is changed. */
export function requireSupport(options: ReuseOptions, protocol: Protocol): void {
  if (!capabilities.sharing) {
    throw new ReuseError(
      'ERR_REUSE_UNSUPPORTED',
      `sharing a port is not known to work on ${process.platform}`,
      { hint: 'It works on Linux, macOS and Windows.' },
    )
  }
  for (const { name, needs, only } of requirements) {
    if (options[name] === undefined) continue
    if (!capabilities[needs]) {
      throw new ReuseError('ERR_REUSE_UNSUPPORTED', `option "${name}" needs Linux`, {
        hint: `Check capabilities.${needs} first.`,
      })
    }
    if (only !== undefined && only !== protocol) {
      throw new ReuseError(
        'ERR_REUSE_UNSUPPORTED',
        `option "${name}" is for ${only.toUpperCase()}`,
        {
          hint: `Leave it out for a ${protocol.toUpperCase()} socket.`,
        },
      )
    }
  }
  if (options.steering !== undefined) requirePolicySupport(options.steering, protocol)
}

/** What some options need: a capability and, for some, a protocol. */
const requirements: readonly {
  name: keyof ReuseOptions
  needs: 'peers' | 'listenOptions' | 'steering' | 'holders'
  only?: Protocol
}[] = [
  { name: 'only', needs: 'peers' },
  { name: 'steering', needs: 'steering' },
  // UDP sockets cannot be told apart, so nobody knows which index a weight belongs to.
  { name: 'weight', needs: 'steering', only: 'tcp' },
  // UDP sockets take nothing from each other.
  { name: 'rescue', needs: 'holders', only: 'tcp' },
  { name: 'fastOpen', needs: 'listenOptions', only: 'tcp' },
  { name: 'deferAccept', needs: 'listenOptions', only: 'tcp' },
  { name: 'incomingCpu', needs: 'listenOptions' },
]
