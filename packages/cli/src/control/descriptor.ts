import type net from 'node:net'

/** The descriptor of a socket, which Node does not expose; `null` if it is elsewhere, or closed. */
export function descriptorOf(socket: net.Socket): number | null {
  const handle: unknown = '_handle' in socket ? socket._handle : null
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return null
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : null
}
