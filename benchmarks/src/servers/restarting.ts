/**
 * A program of a restart storm: node restarting.js '{ "side": "reuse", "host": …, "port": … }'.
 * Told to leave, it closes its server as any program would, says how that went, and ends by itself.
 */
import http from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import { argument, onCommand, say } from '../program-side.js'
import type { Leave, Side } from '../restart/storm.js'

export interface RestartingArguments {
  side: Side
  host: string
  port: number
}

const { side, host, port } = argument<RestartingArguments>()
const server = http.createServer((_, response) => response.end('hello'))
const core = side === 'reuse' ? await import('@reuse/core') : null
core?.setReuse(server)

// Node's own option, from 22.12.
const listen: ListenOptions & { reusePort: boolean } = { host, port, reusePort: core === null }
server.listen(listen, () => say('ready', (server.address() as AddressInfo).port))

/** How long connections may live on when the server listens no more, in milliseconds. */
const grace = 1000

async function leave(): Promise<void> {
  const at = Date.now()
  const start = performance.now()
  const since = (): number => performance.now() - start
  const closed = new Promise<number>((resolve) => server.close(() => resolve(since())))
  // The close has begun to leave; this is the same leave, and tells of it.
  const report = await core?.memberOf(server)?.leave()
  const left = since()
  let cut = false
  const patience = setTimeout(() => {
    cut = true
    server.closeAllConnections()
  }, grace)
  const told: Leave = { at, left, closed: await closed, cut, ...(report && { report }) }
  clearTimeout(patience)
  say('leave', told)
  process.disconnect()
}

onCommand({ leave: () => void leave() })
