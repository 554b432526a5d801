import { Load } from '../load/load.js'
import { failuresOf } from '../load/tally.js'
import { mostAddresses } from '../network/client-address.js'
import { loopback } from '../network/loopback.js'
import type { Network } from '../network/network.js'
import { nodeCommand, Program } from '../program.js'
import type { Served, SteeredArguments } from '../servers/steered.js'
import type { SteeringCase } from './cases.js'
import { type Share, sharesOf } from './share.js'

export interface ShareSettings {
  node: string
  connections: number
  rate: number
}

export interface SteeringResult {
  shares: Share[]
  failed: number
  /** For a sticky policy: how many client addresses reached more than one member. */
  moved?: number
}

/** Starts the group, steers it, and counts the clients that each member serves. */
export async function measureShares(
  { policy, members, asked, sticky = false, cpu }: SteeringCase,
  { node, connections, rate }: ShareSettings,
): Promise<SteeringResult> {
  const network = loopback()
  const programs: Program[] = []
  try {
    let port = 0
    for (const reuse of members) {
      const argument: SteeredArguments = { host: network.host, port, reuse }
      const program = new Program(nodeCommand(node, './servers/steered.js', argument))
      programs.push(program)
      port = await program.hear<number>('ready')
    }
    // When this resolves, the group has the filter that its members and this policy ask for.
    await programs.at(-1)?.ask('steer', policy)

    // Every connection has its own address, so that each is an independent trial; with a sticky policy,
    // two connections share an address, and the address is the trial.
    const trials = sticky ? Math.min(connections, mostAddresses) : connections
    const clients = cpu === undefined ? network : onCpu(network, cpu)
    await using load = await Load.start(node, clients, port, {
      rate,
      addresses: Math.min(trials, mostAddresses),
      connections: sticky ? 2 * trials : trials,
    })
    const { newConnections } = await load.end()
    const served = await Promise.all(programs.map((program) => program.ask<Served>('served')))
    const count = (what: keyof Served): number[] => served.map((each) => each[what])
    const shares = sharesOf(count(sticky ? 'addresses' : 'connections'), asked)
    const met = count('addresses').reduce((sum, addresses) => sum + addresses, 0)
    const failed = failuresOf(newConnections)
    return { shares, failed, ...(sticky && { moved: met - trials }) }
  } finally {
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()))
  }
}

function onCpu(network: Network, cpu: number): Network {
  return { ...network, clientCommand: (command) => ['taskset', '-c', String(cpu), ...command] }
}
