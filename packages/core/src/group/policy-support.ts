import { ReuseError } from '../lib/errors.js'
import type { Protocol } from '../socket/native.js'
import type { SteeringPolicy } from '../steering/policy.js'

/** Refuses a policy that this kind of socket cannot have. */
export function requirePolicySupport(policy: SteeringPolicy, protocol: Protocol): void {
  if (typeof policy !== 'object' || !('payload' in policy) || protocol === 'udp') return
  throw new ReuseError('ERR_REUSE_UNSUPPORTED', 'steering by { payload } is for UDP', {
    hint: 'A TCP handshake has no payload: use another policy.',
  })
}
