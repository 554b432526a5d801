import { readlinkSync } from 'node:fs'
import type http from 'node:http'

/**
 * Closes a server, and reports how long it took, in milliseconds, until its listener was closed: until
 * the server says that it does not listen, and its descriptor is closed in this process (on Linux;
 * a worker of node:cluster has no descriptor). The server's connections may stay open.
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
  // On this event, a worker of node:cluster is disconnected and can no longer report anything.
  server.prependOnceListener('close', look)
  close()
  look()
}

/** Returns a function that tells whether the descriptor of the server's listener is still that socket. */
function listenerOf(server: http.Server): () => boolean {
  // Node has no public API for this.
  const { fd } = (server as { _handle?: { fd?: number } })._handle ?? {}
  const socket = socketOf(fd)
  return () => socket !== null && socketOf(fd) === socket
}

/** The kind and the inode of a descriptor, such as `socket:[4711]`. */
function socketOf(descriptor: number | undefined): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return null
  }
}
