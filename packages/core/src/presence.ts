import fs from 'node:fs'
import net from 'node:net'
import type { Group } from './group.js'

/**
 * How the members of a group find each other without a server: each listens on an abstract Unix
 * socket whose name says which group it is in. /proc/net/unix lists the names to everyone in the
 * network namespace, and the kernel removes a name with its holder.
 *
 * Who is about to change the group for the others connects to each of them and stays connected
 * meanwhile. When the connection ends, because the change is made or because its maker is dead, the
 * others put the group right.
 */
export class Presence {
  readonly #server: net.Server

  /** @param onChange is called when somebody has changed the group, or died while changing it */
  constructor(group: Group, onChange: () => void) {
    this.#server = net.createServer((connection) => {
      // Neither keeps the process alive: the members' own servers do.
      connection.unref().resume()
      connection.once('error', () => {}) // It ends like any other.
      connection.once('close', onChange)
    })
    this.#server.once('error', (error) => {
      process.emitWarning(
        `@reuse: the other members of port ${group.place.port} will not see this one: ${error.message}`,
        { code: 'REUSE_NOT_PRESENT' },
      )
    })
    // In a cluster worker: here, not in the primary.
    const path = pathOf(nameOf(group, group.inode))
    this.#server.listen({ path, exclusive: true }).unref()
  }

  close(): void {
    this.#server.close()
  }
}

/** A change that the other members are told of; it ends with `end`, or with this process. */
export class Announcement {
  readonly #connections: net.Socket[]

  constructor(group: Group) {
    const names = presentMembers(group).filter((name) => name !== nameOf(group, group.inode))
    this.#connections = names.map((name) => {
      const connection = net.connect({ path: pathOf(name) }).unref()
      return connection.on('error', () => {}).resume() // One that has just gone needs no telling.
    })
  }

  end(): void {
    for (const connection of this.#connections) connection.destroy()
  }
}

function nameOf(group: Group, inode: number): string {
  return `reuse/member/${group.key}/${inode}`
}

/** The length of an address of a Unix socket, sun_path; unix(7). */
const pathLength = 108

/**
 * The path of an abstract name. Node 20 fills it up with zeros, which are part of the name, and
 * later versions do not: so it is filled up here.
 */
function pathOf(name: string): string {
  return `\0${name}`.padEnd(pathLength, '\0')
}

/** The names of the members of a group that are programs with @reuse. */
function presentMembers(group: Group): string[] {
  const prefix = `reuse/member/${group.key}/`
  // The list shows zeros as @.
  const lines = fs
    .readFileSync('/proc/net/unix', 'utf8')
    .matchAll(/ @(reuse\/member\/[^@\s]+)@*$/gm)
  return [...lines].flatMap(([, name = '']) => (name.startsWith(prefix) ? [name] : []))
}
