import type { SteeringPolicy } from '@reuse/core'
import { Load } from '../load/load.js'
import { failuresOf, formatFailures } from '../load/tally.js'
import { loopback } from '../network/loopback.js'
import { nodeCommand, Program } from '../program.js'
import type { SteeredArguments } from '../servers/steered.js'
import type { Visit } from './visit.js'

export interface GroupSettings {
  node: string
  policy: Extract<SteeringPolicy, string>
  members: number
}

/** A group that members join and leave, and that clients visit. */
export class Group implements AsyncDisposable {
  readonly #settings: GroupSettings
  readonly #network = loopback()
  readonly #members: Program[] = []
  #port = 0

  private constructor(settings: GroupSettings) {
    this.#settings = settings
  }

  static async start(settings: GroupSettings): Promise<Group> {
    const group = new Group(settings)
    try {
      await group.join() // This finds the port on which the others join.
      await Promise.all(Array.from({ length: settings.members - 1 }, () => group.join()))
      return group
    } catch (error) {
      await group[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Adds a member. */
  async join(): Promise<void> {
    const argument: SteeredArguments = {
      host: this.#network.host,
      port: this.#port,
      reuse: { steering: this.#settings.policy },
    }
    const command = nodeCommand(this.#settings.node, './servers/steered.js', argument)
    const member = new Program(this.#network.serverCommand(command))
    this.#members.push(member)
    this.#port = await member.hear<number>('ready')
  }

  /** Makes a member leave: the one at this place among those that are there. */
  async leave(place: number): Promise<void> {
    const [member] = this.#members.splice(place, 1)
    if (member === undefined) throw new RangeError(`there is no member ${place}`)
    await using _ = member
    await member.ask('leave')
    const { code, signal } = await member.exit()
    if (code !== 0) throw new Error(`a member that left ended with ${signal ?? `exit ${code}`}`)
  }

  /** Every client connects once, from its own address. */
  async visit(clients: number, rate: number): Promise<Visit> {
    const settings = { rate, addresses: clients, connections: clients }
    await using load = await Load.start(this.#settings.node, this.#network, this.#port, settings)
    const { newConnections } = await load.end()
    if (failuresOf(newConnections) > 0) {
      throw new Error(`requests failed: ${formatFailures(newConnections)}`)
    }
    const addresses = await Promise.all(
      this.#members.map((member) => member.ask<string[]>('visitors')),
    )
    return new Map(this.#members.map((member, index) => [member, addresses[index] ?? []]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member[Symbol.asyncDispose]()))
  }
}
