import { groupKey, listMembers } from '../inspect/member-names.js'
import { listSocketsAt } from '../inspect/peers.js'
import type { Protocol, SocketEntry } from '../socket/native.js'
import type { GroupPolicy } from '../steering/policy.js'
import { ask } from './inquiry.js'
import { type ListenersOptions, standingOf } from './listeners.js'
import { isKeeper } from './peer.js'
import { requirePolicySupport } from './policy-support.js'

/** How long a member may take to steer, in milliseconds: it waits until others have done so. */
const patience = 10_000

/** The outcome for one group. */
export interface SteeringOutcome {
  /** Whether it is a group of TCP listeners or of UDP sockets. */
  protocol: Protocol
  /** The address that the group shares. */
  address: string
  /** The port that the group shares. */
  port: number
  /**
   * - `steered`: it has the policy.
   * - `failed`: a member has tried to steer it, and could not.
   * - `silent`: none of its members answers: they are busy or stopped.
   * - `no-members`: none of its programs uses `@reuse`.
   * - `other-user`: it belongs to another user.
   */
  result: 'steered' | 'failed' | 'silent' | 'no-members' | 'other-user'
  /** Why it failed. */
  why?: string
}

/**
 * Gives the groups of a port another policy, as `member.steer()` does, from a process that need not
 * be a member: it asks a member of each. Linux only.
 *
 * @param options which port
 * @param policy as `member.steer()` takes it
 * @returns one outcome for each group; none where nobody listens there
 * @throws ReuseError `ERR_REUSE_UNSUPPORTED` on another system, and for a policy that the protocol
 * does not support
 * @throws a system error where the kernel refuses to list, or the name is unknown
 */
export async function steerGroups(
  { protocol, port = 0, host }: ListenersOptions,
  policy: GroupPolicy,
): Promise<SteeringOutcome[]> {
  const entries = await listSocketsAt(protocol, port, host)
  requirePolicySupport(policy, protocol)
  const groups = new Map<string, SocketEntry>()
  for (const entry of entries) groups.set(groupKey(protocol, entry, entry.uid), entry)
  return Promise.all(
    [...groups].map(async ([key, { address, port, uid }]) => {
      const isOwn = uid === process.geteuid?.()
      const outcome = isOwn ? await steerGroup(key, policy) : { result: 'other-user' as const }
      return { protocol, address, port, ...outcome }
    }),
  )
}

async function steerGroup(
  key: string,
  policy: GroupPolicy,
): Promise<Pick<SteeringOutcome, 'result' | 'why'>> {
  const members = listMembers(key).filter((member) => !isKeeper(member))
  // A member that is busy or stopped is not waited for, as long as another one is awake.
  const standings = await Promise.all(members.map(({ name }) => standingOf(name)))
  const awake = members.filter((_, index) => standings[index] !== null)
  for (const { name } of awake) {
    const answer = await ask(name, { type: 'steer', policy }, patience)
    if (typeof answer === 'string') continue
    if (answer.type === 'done') return { result: 'steered' }
    if (answer.type === 'failed') return { result: 'failed', why: answer.why }
  }
  return { result: members.length > 0 ? 'silent' : 'no-members' }
}
