import path from 'node:path'
import { require } from '../lib/builtin.js'
import { root } from '../root.js'
import { addonError, prebuiltName } from './addon-error.js'

/** `'tcp'` for servers, `'udp'` for sockets of `node:dgram`. */
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
  /** The network interface that SO_BINDTODEVICE named, or 0. */
  device: number
  length: number
  limit: number
}

/** A connection whose handshake is half way through. */
export interface Handshake {
  local: BoundAddress
  client: BoundAddress
}

/** What came over a connection between members. */
export interface Received {
  /** `''` at the end of the connection. */
  text: string
  /** A descriptor that came with it, close-on-exec, for the receiver to close. */
  attached: number | null
  /** Whether a descriptor came for which this process has no room. */
  cut: boolean
}

/** A datagram with its sender. */
export interface Datagram extends BoundAddress {
  data: Buffer
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
  /** A duplicate of another process' descriptor, close-on-exec; `EPERM` where ptrace(2) is not permitted. */
  takeDescriptor(pid: number, descriptor: number): number
  getAddress(socket: number): BoundAddress
  setOption(socket: number, name: SocketOption, value: number): void
  getOption(socket: number, name: SocketOption): number
  getQueue(socket: number): { length: number; limit: number }
  list(protocol: Protocol, port: number): SocketEntry[]
  /** The handshakes of a port; this takes milliseconds on a large machine. */
  listHandshakes(family: Family, port: number): Handshake[]
  /** Begins to connect, and does not wait. */
  connect(socket: number, address: string, port: number): void
  isConnected(socket: number): boolean
  /** Makes calls on the socket non-blocking, for all processes that have it. */
  unblock(socket: number): void
  /**
   * Accepts a connection from a listener or endpoint; `null` if none waits, or if calls on the listener
   * block.
   */
  accept(socket: number): number | null
  /** Takes a listener out of its group at once, for all processes that hold a duplicate. */
  shutDown(socket: number): void
  /** Attaches a filter, an array of struct sock_filter, to the whole group. */
  attachFilter(socket: number, filter: Uint8Array): void
  detachFilter(socket: number): void

  /** A listening abstract Unix socket for whole messages; `EADDRINUSE` while another has the name. */
  openEndpoint(name: string): number
  /** Connects at once, whether the other side is awake or not; `EAGAIN` if too many connections wait. */
  connectEndpoint(name: string): number
  /** A socket whose messages go to systemd or another service manager; sd_notify(3). */
  connectNotifier(path: string): number
  /** The process at the other end; its pid is 0 if it cannot be seen from here. */
  getPeer(socket: number): { pid: number; uid: number }
  /** Sends a message, with a duplicate of a descriptor; `EAGAIN` if nobody has read for a long time. */
  send(socket: number, text: string, attached: number | null): void
  /** Receives a message; `null` if none waits, `EMSGSIZE` for one that is too long. */
  receive(socket: number): Received | null
  /** Waits until the socket can be read from; the event loop is blocked meanwhile. */
  waitReadable(socket: number, milliseconds: number): boolean
  /** From now on, `receiveDatagram` skips datagrams that were sent to many. */
  tellDestination(socket: number): void
  /** Receives a datagram; `null` if none waits. */
  receiveDatagram(socket: number): Datagram | null

  /** Starts the thread that makes the reports for the calls below; once per environment. */
  startPoller(hear: (socket: number) => void): void
  /** Reports the socket once, when it can be read from or its peer has hung up. */
  pollOnce(socket: number): void
  /**
   * Reports the listener once, when something has waited in it for `patience` milliseconds and nothing
   * waits at `own`, if that is a listener and not -1.
   */
  watchQueue(socket: number, patience: number, own: number): void
  /** Stops reporting the socket. Call it before the socket is closed. */
  forget(socket: number): void

  /** Closes the socket on a separate thread, because a socket that lingers in it may take a long time. */
  closeAside(socket: number): void
  /** How many sockets are being closed this way. */
  countAside(): number
  /** Closes the socket if this environment, perhaps a worker thread's, ends without doing so. */
  keep(socket: number): void
}

function load(): Addon {
  const { PREBUILDS_ONLY } = process.env
  // Where the addon nearly always is. node-gyp-build looks in more places, which takes longer and may
  // be more than Node's permission model allows.
  const built = PREBUILDS_ONLY ? [] : ['native/build/Release/reuse.node']
  let failure: { file: string; cause: unknown } | undefined
  for (const likely of [...built, `prebuilds/${prebuiltName()}`]) {
    const file = path.join(root, likely)
    try {
      return require(file)
    } catch (cause) {
      if (!isNotFound(cause)) failure ??= { file, cause }
    }
  }
  let file: string
  try {
    const find: { path(directory: string): string } = require('node-gyp-build')
    file = find.path(root)
  } catch (cause) {
    throw addonError({ root, ...(failure ?? { cause }) })
  }
  try {
    return require(file)
  } catch (cause) {
    throw addonError({ root, file, cause })
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
}

/** The addon. This is the only file that knows how it is found. */
export const native: Addon = load()
