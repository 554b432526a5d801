import { lookup } from 'node:dns/promises'
import type { Where } from '../arguments.js'

/** Descriptors of listeners that nobody serves yet. */
export interface Listeners {
  /** By systemd, which keeps them too. */
  handedIn: readonly number[]
  opened: readonly number[]
}

/**
 * The listeners that systemd has handed in, and those that are to be opened. The variables that
 * tell of the former are taken out of the environment, as they are not for the workers.
 *
 * @throws a system error where one cannot be opened: its hint says who has the port
 */
export async function openListeners(places: readonly Where[]): Promise<Listeners> {
  const { listHandedIn, openListening } = await import('@reuse/core/group')
  const handedIn = listHandedIn().filter(({ protocol }) => protocol === 'tcp')
  const opened: number[] = []
  for (const { host, port } of places) {
    const address = host === undefined ? undefined : (await lookup(host)).address
    opened.push(openListening({ port, address }))
  }
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name]
  return { handedIn: handedIn.map(({ descriptor }) => descriptor), opened }
}
