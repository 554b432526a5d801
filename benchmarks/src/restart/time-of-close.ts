import { readlinkSync } from 'node:fs'
import type http from 'node:http'

/**
 * Closes a server, and tells how long it took, in milliseconds, until its listener was closed: until
 * the server says that it does not listen, and its descriptor is closed in this process (Linux;
 * a worker of node:cluster has none of its own). Its connections may live on.
 */
export function timeOfClose(
  server: http.Server,
  close: () => void,
  tell: (milliseconds: number) => void,
): void {
  const isOpen = listenerOf(server)
  const start = performance.now()
  let told = false
  const look = (): void => {
    if (told) return
    if (server.listening || isOpen()) return void setImmediate(look)
    told = true
    tell(performance.now() - start)
  }
  // Upon this event a worker of node:cluster is disconnected, and tells nothing any more.
  server.prependOnceListener('close', look)
  close()
  look()
}

/** Tells whether the descriptor with which a server listens now is still that socket. */
function listenerOf(server: http.Server): () => boolean {
  // Node has no public name for it.
  const { fd } = (server as { _handle?: { fd?: number } })._handle ?? {}
  const socket = socketOf(fd)
  return () => socket !== null && socketOf(fd) === socket
}

/** Its kind and inode, as `socket:[4711]`. */
function socketOf(descriptor: number | undefined): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return null
  }
}
