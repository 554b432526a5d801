import type { ReuseOptions, SteeringPolicy } from '@reuse/core'

/** A group, what its members and its policy ask for, and what each member should get. */
export interface SteeringCase {
  name: string
  /** The argument of `member.steer()`. */
  policy: SteeringPolicy
  /** The options of each member, in the order in which they begin to listen. */
  members: ReuseOptions[]
  /** The share of each, in any unit. */
  asked: number[]
  /** Whether all connections from one client address should reach the same member. */
  sticky?: boolean
  /** The processor on which the clients run and, on loopback, the kernel's part of the servers. */
  cpu?: number
}

const four: ReuseOptions[] = [{}, {}, {}, {}]
const alike = [1, 1, 1, 1]

export function steeringCases(cpus: readonly number[]): SteeringCase[] {
  return [
    { name: "'hash'", policy: 'hash', members: four, asked: alike },
    { name: "'random'", policy: 'random', members: four, asked: alike },
    {
      name: "'source-address'",
      policy: 'source-address',
      members: four,
      asked: alike,
      sticky: true,
    },
    weights([70, 20, 10]),
    weights([4, 3, 2, 1]),
    ownWeights([3, 1, 1, 0]),
    ownWeights([1, 1, 0.01]),
    ...cpus.slice(0, four.length).map((cpu) => ({
      name: `'cpu', on CPU ${cpu}`,
      policy: 'cpu' as const,
      members: four,
      asked: four.map((_, index) => (index === cpu % four.length ? 1 : 0)),
      cpu,
    })),
  ]
}

function weights(asked: number[]): SteeringCase {
  const members = asked.map(() => ({}))
  return { name: `{ weights: [${asked.join(', ')}] }`, policy: { weights: asked }, members, asked }
}

function ownWeights(asked: number[]): SteeringCase {
  const members = asked.map((weight) => ({ weight }))
  return { name: `weight: ${asked.join(', ')}`, policy: 'hash', members, asked }
}
