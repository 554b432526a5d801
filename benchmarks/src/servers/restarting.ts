/**
 * A program that is replaced under load: node restarting.js '{ "sharing": "reuse", "host": …, … }'.
 * When told to end, it closes its server as any program would, reports how long that took, and exits.
 */
import cluster from 'node:cluster'
import http from 'node:http'
import type { AddressInfo, ListenOptions, Socket } from 'node:net'
import { backlog } from '../apps/app.js'
import { argument, onCommand, say } from '../program-side.js'
import { timeOfClose } from '../restart/time-of-close.js'

export interface RestartingArguments {
  /** How the port is shared; `proxy`: the port is a proxy's, and this listens on its own socket. */
  sharing: 'reuse' | 'reusePort' | 'cluster' | 'proxy'
  host: string
  port: number
  /** The path of the socket behind a proxy. */
  path?: string
}

/** How long clients may keep their connections after the server has closed, in milliseconds. */
const grace = 1000

const { sharing, host, port, path } = argument<RestartingArguments>()
/** Connections that their clients keep. */
const kept = new Set<Socket>()
const server = http.createServer(({ socket }, response) => {
  if (response.shouldKeepAlive && !kept.has(socket)) {
    kept.add(socket)
    socket.once('close', () => kept.delete(socket))
  }
  response.end('hello')
})
if (sharing === 'reuse') {
  const { setReuse } = await import('@reuse/core')
  setReuse(server)
}

// Node's own option, from 22.12.
const listen: ListenOptions & { reusePort?: boolean } =
  path === undefined
    ? { host, port, backlog, reusePort: sharing === 'reusePort' }
    : { path, backlog }
server.listen(listen, () => {
  say('ready', path === undefined ? (server.address() as AddressInfo).port : 0)
  // PM2 waits for this message; it knows no messages but its own.
  if ('PM2_HOME' in process.env) process.send?.('ready')
})

/**
 * A client whose request was in flight when the server closed may keep its connection forever. Clients
 * that do not keep their connections are answered, and may have to wait for that on a busy machine.
 */
function endConnectionsSoon(): void {
  // More than once: a connection that a primary has already handed out may still arrive.
  const end = (): void => {
    for (const socket of kept) socket.destroy()
  }
  setInterval(end, grace).unref()
}

function sayTime(milliseconds: number): void {
  say('leave', milliseconds)
}

function leave(): void {
  endConnectionsSoon()
  timeOfClose(server, () => server.close(() => process.disconnect()), sayTime)
}

if (cluster.isWorker) {
  process.once('SIGINT', leave) // Sent by PM2.
  // worker.disconnect() comes next, with which Node closes the server, and then ends this process.
  process.on('message', (message: object) => {
    if (!('leave' in message)) return
    endConnectionsSoon()
    timeOfClose(server, () => {}, sayTime)
  })
} else {
  onCommand({ leave })
}
