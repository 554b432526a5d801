import fs from 'node:fs'
import net from 'node:net'
import { peerOfConnection } from '@reuse/core/group'
import { ControlConnection } from './connection.js'
import type { Controlled } from './controlled.js'
import { descriptorOf } from './descriptor.js'

/** The most connections at a time; more are closed immediately. */
const mostConnections = 32

/** How long clients may take to read their answers when the app has stopped, in milliseconds. */
const lastPatience = 1000

/** The control socket of one app: for this user only. */
export class ControlServer {
  readonly #server: net.Server
  readonly #connections = new Set<ControlConnection>()

  private constructor(server: net.Server) {
    this.#server = server
  }

  /** Listens on `controlPath()`; a file that is there was left by a dead manager. */
  static async listen(path: string, app: Controlled): Promise<ControlServer> {
    const isFile = process.platform !== 'win32'
    if (isFile) fs.rmSync(path, { force: true })
    // A client may close its side after its request.
    const server = net.createServer({ allowHalfOpen: true })
    server.maxConnections = mostConnections
    const control = new ControlServer(server)
    server.on('connection', (socket) => control.#accept(socket, app))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve)
    })
    // The manager goes on with its work, whatever happens to its control socket.
    server.on('error', () => {})
    if (isFile) fs.chmodSync(path, 0o600)
    return control
  }

  /** Accepts no more connections from now on, and ends the open ones when they have their answers. */
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
 * Whether it was this user who connected. The folder's mode ensures that too, but root may have changed it.
 * Outside Linux there is only the mode, or the access rights of a Windows pipe.
 */
function isOwn(socket: net.Socket): boolean {
  if (process.platform !== 'linux') return true
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return false
  try {
    const { uid } = peerOfConnection(descriptor)
    return uid === process.geteuid?.()
  } catch {
    return false // It has just been closed.
  }
}
