import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { addonError } from './addon-error.js'

/** TCP: servers. UDP: sockets of `node:dgram`. */
export type Protocol = 'tcp' | 'udp'
export type Family = 4 | 6

/** The socket options that the addon knows by name; each system has some of them. */
export type SocketOption =
  | 'SO_TYPE'
  | 'SO_ACCEPTCONN'
  | 'SO_REUSEADDR'
  | 'SO_REUSEPORT'
  | 'SO_EXCLUSIVEADDRUSE'
  | 'SO_INCOMING_CPU'
  | 'IPV6_V6ONLY'
  | 'TCP_DEFER_ACCEPT'
  | 'TCP_FASTOPEN'
  | 'TCP_MAXSEG'

export interface BoundAddress {
  address: string
  port: number
  family: Family
}

/** One socket as the kernel lists it. */
export interface SocketEntry extends BoundAddress {
  ipv6Only: boolean
  uid: number
  inode: number
  length: number
  limit: number
}

/**
 * The whole surface of the addon. A socket is a number: the descriptor on Unix, the SOCKET on
 * Windows. A failed call throws a {@link SystemFailure}.
 */
export interface Addon {
  open(protocol: Protocol, family: Family): number
  close(socket: number): void
  bind(socket: number, address: string, port: number): void
  listen(socket: number, backlog: number): void
  duplicate(socket: number): number
  setCloseOnExec(socket: number): void
  getAddress(socket: number): BoundAddress
  setOption(socket: number, name: SocketOption, value: number): void
  getOption(socket: number, name: SocketOption): number
  getQueue(socket: number): { length: number; limit: number }
  list(protocol: Protocol, port: number): SocketEntry[]
  /**
   * The handshakes of a port that are half way through; each with the client's address. It takes
   * milliseconds on a large machine.
   */
  listHandshakes(family: Family, port: number): SocketEntry[]
  /** Begins to connect, and does not wait. */
  connect(socket: number, address: string, port: number): void
  isConnected(socket: number): boolean
  /** A socket whose only use is its abstract Unix name; `EADDRINUSE` while another has it. */
  openName(name: string): number
  /** Attaches a program, an array of struct sock_filter, to the whole group. */
  attachFilter(socket: number, program: Uint8Array): void
  detachFilter(socket: number): void
}

function load(): Addon {
  const require = createRequire(import.meta.url)
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const { npm_package_name, npm_lifecycle_event } = process.env
  const installing = npm_package_name === '@reuse/core' && npm_lifecycle_event === 'install'
  let file: string
  try {
    const find: { path(directory: string): string } = require('node-gyp-build')
    file = find.path(root)
  } catch (cause) {
    throw addonError({ root, installing, cause })
  }
  try {
    return require(file)
  } catch (cause) {
    throw addonError({ root, file, installing, cause })
  }
}

/** The addon. This is the only file that knows how it is found. */
export const native: Addon = load()
