import path from 'node:path'
import { require } from '../lib/builtin.js'
import { root } from '../root.js'
import { addonError, prebuiltName } from './addon-error.js'

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
  /** A descriptor came for which this process has no room. */
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
  /** A duplicate of another process' descriptor, close-on-exec; as ptrace(2), `EPERM` where it is not ours. */
  takeDescriptor(pid: number, descriptor: number): number
  getAddress(socket: number): BoundAddress
  setOption(socket: number, name: SocketOption, value: number): void
  getOption(socket: number, name: SocketOption): number
  getQueue(socket: number): { length: number; limit: number }
  list(protocol: Protocol, port: number): SocketEntry[]
  /** The handshakes of a port; it takes milliseconds on a large machine. */
  listHandshakes(family: Family, port: number): Handshake[]
  /** Begins to connect, and does not wait. */
  connect(socket: number, address: string, port: number): void
  isConnected(socket: number): boolean
  /** Nobody who has the socket waits in calls on it any more. */
  unblock(socket: number): void
  /**
   * Takes a connection out of a listener or endpoint; `null` where none waits, and where the listener
   * is one that calls wait for.
   */
  accept(socket: number): number | null
  /** Takes a listener out of its group at once, for all who hold a duplicate. */
  shutDown(socket: number): void
  /** Attaches a filter, an array of struct sock_filter, to the whole group. */
  attachFilter(socket: number, filter: Uint8Array): void
  detachFilter(socket: number): void

  /** A listening abstract Unix socket of whole messages; `EADDRINUSE` while another has the name. */
  openEndpoint(name: string): number
  /** Connects at once, whether the other side is awake or not; `EAGAIN` where too many wait. */
  connectEndpoint(name: string): number
  /** A socket whose messages go to where systemd hears of services; sd_notify(3). */
  connectNotifier(path: string): number
  /** The process at the other end; its pid is 0 where it cannot be seen from here. */
  getPeer(socket: number): { pid: number; uid: number }
  /** Sends a message, with a duplicate of a descriptor; `EAGAIN` where nobody reads for long. */
  send(socket: number, text: string, attached: number | null): void
  /** Receives a message; `null` where none waits, `EMSGSIZE` for one that is too long. */
  receive(socket: number): Received | null
  /** Waits, and the event loop with it, until the socket can be read from. */
  waitReadable(socket: number, milliseconds: number): boolean
  /** From now on `receiveDatagram` passes over what was sent to many. */
  tellDestination(socket: number): void
  /** Receives a datagram; `null` where none waits. */
  receiveDatagram(socket: number): Datagram | null

  /** Starts what makes the reports of the three calls below; once in an environment. */
  startPoller(hear: (socket: number) => void): void
  /** Reports the socket once, when it can be read from or its peer has hung up. */
  pollOnce(socket: number): void
  /**
   * Reports the listener once, when something has waited in it for some milliseconds and nothing waits at
   * `own`, where that is a listener and not -1.
   */
  watchQueue(socket: number, patience: number, own: number): void
  /** Reports the socket no more; before its close. */
  forget(socket: number): void

  /** Closes the socket on a thread of its own, as what lingers in it may take long. */
  closeAside(socket: number): void
  /** How many sockets are being closed so. */
  countAside(): number
  /** Closes the socket when this environment, maybe a worker thread's, ends without doing so. */
  keep(socket: number): void
}

function load(): Addon {
  const { PREBUILDS_ONLY } = process.env
  // Where it nearly always is. node-gyp-build looks in more places, which takes longer, and more than
  // Node's permission model may allow.
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
