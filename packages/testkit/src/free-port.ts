import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

/**
 * A port that nobody holds, for a program that has to be told one. It lies below the range from
 * which systems give ports by themselves, so that no connection of another test takes it meanwhile.
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
 * Keeps a port from the tests of other processes until this one ends. They would find it free too
 * before its program listens there, and two that share it do not notice.
 */
async function claim(port: number): Promise<boolean> {
  // Elsewhere there are no names that go with their process.
  if (process.platform !== 'linux') return true
  // As long as such a name can be: Node 20 fills one that is shorter up with zeros, and later ones do not.
  const path = `\0reuse-test/port/${port}/`.padEnd(108, '-')
  const server = await tryToListen({ path })
  server?.unref()
  return server !== null
}

/** `null` where somebody listens there. */
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
  // Windows keeps ranges of ports for itself, and refuses these so.
  return code === 'EADDRINUSE' || (process.platform === 'win32' && code === 'EACCES')
}
