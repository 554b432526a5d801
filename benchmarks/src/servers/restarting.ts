/**
 * A program that is replaced under load: node restarting.js '{ "sharing": "reuse", "host": …, … }'.
 * Told to end, it closes its server as any program would, and ends by itself.
 */
import cluster from 'node:cluster'
import http from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import { argument, onCommand, say } from '../program-side.js'

export interface RestartingArguments {
  /** How the port is shared. */
  sharing: 'reuse' | 'reusePort' | 'cluster'
  host: string
  port: number
}

/** How long connections may live on when the server listens no more, in milliseconds. */
const grace = 1000

const { sharing, host, port } = argument<RestartingArguments>()
const server = http.createServer((_, response) => response.end('hello'))
if (sharing === 'reuse') {
  const { setReuse } = await import('@reuse/core')
  setReuse(server)
}

// Node's own option, from 22.12.
const listen: ListenOptions & { reusePort: boolean } = {
  host,
  port,
  reusePort: sharing === 'reusePort',
}
server.listen(listen, () => {
  say('ready', (server.address() as AddressInfo).port)
  // What PM2 waits for, which knows no messages but its own.
  if ('PM2_HOME' in process.env) process.send?.('ready')
})

function leave(): void {
  // More than once: one that a primary had handed out already may still come.
  const patience = setInterval(() => server.closeAllConnections(), grace)
  server.close(() => {
    clearInterval(patience)
    if (!process.connected) return // A worker that was disconnected has nothing more to do.
    say('leave')
    process.disconnect()
  })
}

if (cluster.isWorker) {
  process.once('SIGINT', leave) // By PM2.
  process.once('disconnect', leave) // By worker.disconnect(), which closes no connection.
} else {
  onCommand({ leave })
}
