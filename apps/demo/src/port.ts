import { once } from 'node:events'
import net from 'node:net'
import { setReuse } from '@reuse/core'

/** The exact address of all programs: the demo is for this machine only. */
export const host = '127.0.0.1'

/** Makes sure that nobody holds a port: neither alone nor in a group that could be joined. */
export async function requireFree(port: number): Promise<number> {
  return probe((server) => listenOn(server, port))
}

/** The first port from this one on that nobody holds. */
export async function findFree(from: number): Promise<number> {
  return probe((server) => listenOnFree(server, from))
}

/** Listens on the first port from this one on that nobody holds. */
export async function listenOnFree(server: net.Server, from: number): Promise<number> {
  const last = Math.min(from + 99, 65535)
  for (let port = from; port < last; port++) {
    try {
      return await listenOn(server, port)
    } catch (error) {
      if (!isInUse(error)) throw error
    }
  }
  return listenOn(server, last)
}

async function probe(listen: (server: net.Server) => Promise<number>): Promise<number> {
  // An exclusive socket, because the error then says who holds the port.
  const server = net.createServer()
  setReuse(server, { exclusive: true })
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

async function listenOn(server: net.Server, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return port
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
