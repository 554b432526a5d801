import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import type { AdapterHarness, Listen, Member, Place } from './harness.js'

/** An application that listens. */
export interface Running {
  /** What `listen` returned; for a promise, the value to which it resolved. */
  returned: unknown
  server: Server
  /** 0 for a Unix socket. */
  port: number
  member: Member | undefined
  close(): Promise<unknown>
}

/** Calls `listen`, and waits until the server listens. */
export async function start<Listener>(
  harness: AdapterHarness<Listener>,
  listener: Listener,
  place: Place,
  listen: Listen<Listener> = harness.listen,
  callback: (...args: unknown[]) => void = () => {},
): Promise<Running> {
  const returned = listen(listener, place, callback)
  const server = harness.serverOf(listener, returned)
  if (returned instanceof Promise) await returned
  else if (!server.listening) await once(server, 'listening')
  return {
    returned: await returned,
    server,
    port: portOf(server.address()),
    member: harness.memberOf(listener, server),
    close: () => harness.close(listener, server),
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
