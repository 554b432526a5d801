import { once } from 'node:events'
import net from 'node:net'
import { host } from './port.js'

/** Why Node's own option cannot share a port here; `null` if it can. */
export async function whyNotBare(): Promise<string | null> {
  const first = net.createServer()
  const second = net.createServer()
  try {
    await listen(first, 0)
    const address = first.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    await listen(second, address.port)
    return null
  } catch {
    return (
      `This Node (${process.version} on ${process.platform}) has no reusePort of its own. ` +
      'On Linux with Node 22.12 or newer, the same programs run here without @reuse, ' +
      'under the same traffic.'
    )
  } finally {
    first.close()
    second.close()
  }
}

async function listen(server: net.Server, port: number): Promise<void> {
  const address = { port, host, reusePort: true }
  server.listen(address)
  await once(server, 'listening')
}
