/**
 * What is done to a group from outside, by a process that is not a member but has listeners of it: those
 * of programs without @reuse.
 */
import { builtin } from '../lib/builtin.js'
import { type GroupPolicy, parsePolicy } from '../steering/policy.js'
import { Arrangement } from './arrangement.js'
import { departFrom, type LeaveReason } from './departure.js'
import { Group, inodeOf } from './group.js'
import { type Lock, retireLockKey, tryLock } from './lock.js'

/** How often a caller that waits for its turn looks again, in milliseconds. */
const turn = 20

/** How long a caller waits at most for its turn to steer, in milliseconds. */
const patience = 10_000

/** How a listener is taken out of its group. */
export interface RetireOptions {
  /** How long it may take, in milliseconds. */
  leaveTimeout: number
  /** Waits, when the listener is empty and gets nothing new, until its program accepts no more. */
  whenEmpty(): Promise<void>
}

/**
 * Takes the listener of a program without @reuse out of its group, where no member serves it: new
 * connections go to the others, and the program accepts what has come. A caller that retires another
 * listener of the group meanwhile waits.
 *
 * @param socket the listener, or a duplicate of it
 * @param options how long it may take, and what is waited for
 * @returns why connections may have been lost; `null` if none was
 */
export async function retireListener(
  socket: number,
  { leaveTimeout, whenEmpty }: RetireOptions,
): Promise<LeaveReason | null> {
  const group = new Group(socket, 'tcp')
  const deadline = performance.now() + leaveTimeout
  const lock = await acquireRetireLock(group.key, deadline)
  if (lock === null) return 'timeout'
  try {
    const { inode } = group
    const arrangement = arrangementOf(group, {
      ...{ policy: 'hash', weights: new Map([[inode, 1]]), sockets: new Map([[inode, socket]]) },
      retiring: new Set([inode]),
    })
    const isGivenUp = (): boolean => false
    const departing = { group, arrangement, isLast: true, deadline, isGivenUp, whenEmpty }
    // If there is nobody that new connections could go to, the listener never becomes empty.
    return group.inodes().size > 1 ? await departFrom(departing) : 'last-member'
  } finally {
    lock.release()
  }
}

/** A listener, and its share relative to the others. */
export interface WeighedListener {
  socket: number
  weight: number
}

/**
 * Gives a group the filter that weights and a policy ask for, or leaves the choice to the kernel again.
 *
 * @param listeners those that are known; at least one
 * @param policyWord the policy as members send it to each other
 * @throws TypeError for a word that stands for no policy
 * @throws SystemError where the kernel refuses the filter
 */
export async function arrangeGroup(
  listeners: readonly WeighedListener[],
  policyWord: string,
): Promise<void> {
  const policy = parsePolicy(policyWord)
  const [first] = listeners
  if (policy === null) throw new TypeError(`arrangeGroup: ${policyWord} is no policy`)
  if (first === undefined) throw new TypeError('arrangeGroup: no listener was given')
  const group = new Group(first.socket, 'tcp')
  const weights = new Map(listeners.map(({ socket, weight }) => [inodeOf(socket), weight]))
  const sockets = new Map(listeners.map(({ socket }) => [inodeOf(socket), socket]))
  // A listener that is being retired meanwhile is passed over by its own filter.
  const lock = await acquireRetireLock(group.key, performance.now() + patience)
  try {
    const arrangement = arrangementOf(group, { policy, weights, sockets, retiring: new Set() })
    arrangement.claim()
    await arrangement.arrange(true)
  } finally {
    lock?.release()
  }
}

interface Known {
  policy: GroupPolicy
  weights: ReadonlyMap<number, number>
  sockets: ReadonlyMap<number, number>
  retiring: ReadonlySet<number>
}

function arrangementOf(group: Group, { policy, weights, sockets, retiring }: Known): Arrangement {
  const orphans = new Set<number>()
  return new Arrangement(group, {
    census: () => ({
      ...{ protocol: 'tcp', inodes: group.inodes(), policy, weights, orphans, retiring },
    }),
    listeners: () => sockets,
    hearNow: () => {}, // There is nobody to hear.
    onArranged: () => {},
  })
}

async function acquireRetireLock(key: string, deadline: number): Promise<Lock | null> {
  for (;;) {
    const lock = tryLock(retireLockKey(key))
    if (lock !== null) return lock
    if (performance.now() > deadline) return null
    await builtin.timers().setTimeout(turn)
  }
}
