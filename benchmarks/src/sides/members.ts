import type { MemberArguments, MemberReady } from '../apps/member.js'
import { nodeCommand, Program } from '../program.js'
import type { RunningSide, Start } from './side.js'

export type MemberPlace = Pick<MemberArguments, 'where' | 'shared'>

/**
 * Starts a server at each of these places, each in its own process and all at the same time.
 * If one fails, none is left running.
 */
export async function startMembers(
  { node, framework, handler, network }: Start,
  places: readonly MemberPlace[],
): Promise<RunningSide> {
  const programs = places.map((place) => {
    const member: MemberArguments = { framework, handler, ...place }
    const command = nodeCommand(node.program, './apps/member.js', member)
    return new Program(network.serverCommand(command))
  })
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()))
  }
  try {
    const ready = await Promise.all(programs.map((each) => each.hear<MemberReady>('ready')))
    return {
      ports: [...new Set(ready.map(({ port }) => port))],
      workers: ready.map(({ pid }) => pid),
      others: [],
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The same place for each member. */
export function samePlace({ members }: Start, place: MemberPlace): MemberPlace[] {
  return Array.from({ length: members }, () => place)
}
