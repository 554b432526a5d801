import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

/**
 * Finds a port that nobody holds, for a program that needs to be given one. It lies below the range
 * from which systems choose ports themselves, so that no connection of another test takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = await tryToListen({ port })
    if (server === null) continue
    await new Promise((resolve) => server.close(resolve))
    if (await claim(port)) return port
  }
}

/**
 * Keeps a port from the tests in other processes until this process ends. Before a program listens on
 * the port, they would find it free too, and two programs that share it do not notice.
 */
async function claim(port: number): Promise<boolean> {
  // Other systems have no names that disappear with their process.
  if (process.platform !== 'linux') return true
  // As long as such a name can be: Node 20 pads a shorter one with zeros, and later versions do not.
  const path = `\0reuse-test/port/${port}/`.padEnd(108, '-')
  const server = await tryToListen({ path })
  server?.unref()
  return server !== null
}

/** `null` if somebody listens there. */
async function tryToListen(options: net.ListenOptions): Promise<net.Server | null> {
  const server = net.createServer().listen(options)
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if (isTaken(error)) return null
    throw error
  }
}

function isTaken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  // Windows keeps ranges of ports for itself, and refuses them with EACCES.
  return code === 'EADDRINUSE' || (process.platform === 'win32' && code === 'EACCES')
}
