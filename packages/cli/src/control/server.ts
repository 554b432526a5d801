import fs from 'node:fs'
import net from 'node:net'
import { peerOfConnection } from '@reuse/core/group'
import { ControlConnection } from './connection.js'
import type { Controlled } from './controlled.js'

/** More are closed at once. */
const mostConnections = 32

/** How long answers may take to be read when the app has stopped, in milliseconds. */
const lastPatience = 1000

/** The control socket of one app: for this user only. */
export class ControlServer {
  readonly #server: net.Server
  readonly #connections = new Set<ControlConnection>()

  private constructor(server: net.Server) {
    this.#server = server
  }

  /** Listens on `controlPath()`; what is left there is a dead manager's. */
  static async listen(path: string, app: Controlled): Promise<ControlServer> {
    const isFile = process.platform !== 'win32'
    if (isFile) fs.rmSync(path, { force: true })
    // A client may close its side when it has asked.
    const server = net.createServer({ allowHalfOpen: true })
    server.maxConnections = mostConnections
    const control = new ControlServer(server)
    server.on('connection', (socket) => control.#accept(socket, app))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve)
    })
    // The manager does its work, whatever becomes of its control socket.
    server.on('error', () => {})
    if (isFile) fs.chmodSync(path, 0o600)
    return control
  }

  /** Takes no more connections, at once, and ends those there are when they have their answers. */
  close(): void {
    this.#server.close()
    for (const connection of this.#connections) connection.endFollowing()
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.cut()
    }, lastPatience)
    this.#server.once('close', () => clearTimeout(timer))
  }

  #accept(socket: net.Socket, app: Controlled): void {
    if (!isOwn(socket)) {
      socket.destroy()
      return
    }
    const connection = new ControlConnection(socket, app)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

/**
 * Whether this user connected. The folder's mode says so too, but root may have changed it. Elsewhere there
 * is only the mode, or what a pipe of Windows allows.
 */
function isOwn(socket: net.Socket): boolean {
  if (process.platform !== 'linux') return true
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return false
  try {
    const { uid } = peerOfConnection(descriptor)
    return uid === process.geteuid?.()
  } catch {
    return false // It has been closed this moment.
  }
}

/** The descriptor of a socket, which Node keeps to itself; `null` where it is elsewhere, or closed. */
function descriptorOf(socket: net.Socket): number | null {
  const handle: unknown = '_handle' in socket ? socket._handle : null
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return null
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : null
}
