import { lookup } from 'node:dns/promises'
import fs from 'node:fs'
import type { Where } from '../arguments.js'
import { Failure } from '../failure.js'
import { formatAddress } from '../output/names.js'

/** Descriptors of listeners that nobody serves yet. */
export interface Listeners {
  /** By systemd, which keeps them too. */
  handedIn: readonly number[]
  opened: readonly number[]
}

/**
 * The listeners that systemd has handed in, and those that are to be opened. The variables that describe the
 * former are removed from the environment, because they are not for the workers.
 *
 * @throws a system error if one cannot be opened: its hint says who has the port
 * @throws Failure if one that was handed in was opened by another user
 */
export async function openListeners(places: readonly Where[]): Promise<Listeners> {
  const { listHandedIn, openListening } = await import('@reuse/core/group')
  const handedIn = listHandedIn().filter(({ protocol }) => protocol === 'tcp')
  for (const { descriptor, ...place } of handedIn) requireOwn(descriptor, formatAddress(place))
  const opened: number[] = []
  for (const { host, port } of places) {
    const address = host === undefined ? undefined : (await lookup(host)).address
    opened.push(openListening({ port, address }))
  }
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name]
  return { handedIn: handedIn.map(({ descriptor }) => descriptor), opened }
}

/** The kernel would refuse the bind of a worker to the same port: socket(7), SO_REUSEPORT. */
function requireOwn(descriptor: number, address: string): void {
  const { uid } = fs.fstatSync(descriptor)
  const own = process.geteuid?.()
  if (uid === own) return
  throw new Failure(
    `the socket on ${address} that was handed in was opened by user ${uid}, and this is user ${own}: only sockets of one user share a port. Run the service as user ${uid}, or without a socket unit: systemd keeps the workers' own sockets while it restarts.`,
  )
}
