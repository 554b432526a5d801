import { lookup } from 'node:dns/promises'
import fs from 'node:fs'
import type { OpenOptions } from '@reuse/core/group'
import type { Where } from '../arguments.js'
import { Failure } from '../failure.js'
import { formatAddress } from '../output/names.js'

/**
 * Descriptors of the listeners that systemd has handed in, and keeps too. The variables that describe them are
 * removed from the environment, because they are not for the workers.
 *
 * @throws Failure if one was opened by another user
 */
export async function takeHandedIn(): Promise<readonly number[]> {
  const { listHandedIn } = await import('@reuse/core/group')
  const handedIn = listHandedIn().filter(({ protocol }) => protocol === 'tcp')
  for (const { descriptor, ...place } of handedIn) requireOwn(descriptor, formatAddress(place))
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name]
  return handedIn.map(({ descriptor }) => descriptor)
}

/** Why a port cannot be opened, besides those who hold it. */
const limits: readonly string[] = [
  'not-local-address',
  'privileged-port',
  'forbidden',
  'reserved-port',
]

/**
 * Checks that ports can be opened, without listening on them: if the start is refused later, a listener would
 * be closed with the connections that the system has given it, also those to an app that runs already.
 *
 * @returns where to open them
 * @throws a system error if one cannot be opened: its hint says who has the port
 */
export async function checkPlaces(places: readonly Where[]): Promise<readonly OpenOptions[]> {
  const { explain } = await import('@reuse/core')
  const found: OpenOptions[] = []
  for (const { host, port } of places) {
    const address = host === undefined ? undefined : (await lookup(host)).address
    const { shared, reason } = await explain({ port, host: address })
    if (shared === false || limits.includes(reason)) {
      // This throws, unless the holder has just gone, or systemd has handed in the listener, which stays open.
      for (const one of await openPlaces([{ port, address }])) fs.closeSync(one)
    }
    found.push({ port, address })
  }
  return found
}

/**
 * Opens listeners, which nobody serves yet.
 *
 * @returns their descriptors
 * @throws a system error if one cannot be opened
 */
export async function openPlaces(places: readonly OpenOptions[]): Promise<readonly number[]> {
  const { openListening } = await import('@reuse/core/group')
  return places.map(openListening)
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
