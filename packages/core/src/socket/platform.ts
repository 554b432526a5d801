import type { Protocol, SocketOption } from './native.js'

/** Who gets a new connection when several listeners share a port. */
export type Recipient = 'balanced' | 'newest' | 'oldest' | 'indeterminate'

/** Whose sockets may share a port. */
export type Admission = 'same-user' | 'anyone'

/** What sharing a port means on this system. */
export interface Capabilities {
  /** Whether several sockets may share a port at all. */
  readonly sharing: boolean
  /** The socket option that makes them share. */
  readonly option: 'SO_REUSEPORT' | 'SO_REUSEADDR' | null
  /** Who gets a new TCP connection: on one exact address, and on the wildcard. */
  readonly connections: { readonly exact: Recipient; readonly wildcard: Recipient }
  /** Who may join a group: on one exact address, and on the wildcard. */
  readonly membership: { readonly exact: Admission; readonly wildcard: Admission }
  /** Whether a server that already listens can begin to share. */
  readonly afterListen: boolean
  /** Whether `peers()` can list the group. */
  readonly peers: boolean
  /** Whether `queue()` can say what waits. */
  readonly queue: boolean
  /** Whether a member can choose who gets the group's new connections. */
  readonly steering: boolean
  /** Whether members hold each other's listeners, so that a listener outlives its process. */
  readonly holders: boolean
  /** Whether the listen-time options `fastOpen`, `deferAccept` and `incomingCpu` are available. */
  readonly listenOptions: boolean
  /** Whether a listener from `LISTEN_FDS` is adopted. */
  readonly inherited: boolean
}

/** The options to set on a socket before it binds, in this order. */
type OptionValues = readonly (readonly [SocketOption, 0 | 1])[]

interface Platform {
  readonly capabilities: Capabilities
  readonly shared: Readonly<Record<Protocol, OptionValues>>
  readonly exclusive: Readonly<Record<Protocol, OptionValues>>
}

const linux: Platform = {
  capabilities: {
    sharing: true,
    option: 'SO_REUSEPORT',
    // A hash of the four-tuple chooses; socket(7). Groups are per exact address: 127.0.0.1 takes
    // precedence over 0.0.0.0, which takes precedence over a dual-stack `::`.
    connections: { exact: 'balanced', wildcard: 'balanced' },
    // The effective uid at socket(); another uid gets EADDRINUSE, root included.
    membership: { exact: 'same-user', wildcard: 'same-user' },
    afterListen: true,
    peers: true,
    queue: true,
    steering: true,
    holders: true,
    listenOptions: true,
    inherited: true,
  },
  shared: {
    // SO_REUSEADDR so that a listener may bind beside old connections in TIME_WAIT.
    tcp: [
      ['SO_REUSEADDR', 1],
      ['SO_REUSEPORT', 1],
    ],
    // Not SO_REUSEADDR: for UDP it lets the sockets of any user in.
    udp: [['SO_REUSEPORT', 1]],
  },
  exclusive: {
    tcp: [
      ['SO_REUSEPORT', 0],
      ['SO_REUSEADDR', 1],
    ],
    udp: [
      ['SO_REUSEPORT', 0],
      ['SO_REUSEADDR', 0],
    ],
  },
}

const darwin: Platform = {
  ...linux,
  capabilities: {
    sharing: true,
    option: 'SO_REUSEPORT',
    // Read in the source of xnu (in_pcblookup_hash, in_pcbbind), not run.
    connections: { exact: 'newest', wildcard: 'oldest' },
    membership: { exact: 'same-user', wildcard: 'anyone' },
    afterListen: false,
    peers: false,
    queue: false,
    steering: false,
    holders: false,
    listenOptions: false,
    inherited: true,
  },
}

// Either option is refused while the other is set.
const windowsShared: OptionValues = [
  ['SO_EXCLUSIVEADDRUSE', 0],
  ['SO_REUSEADDR', 1],
]
const windowsExclusive: OptionValues = [
  ['SO_REUSEADDR', 0],
  ['SO_EXCLUSIVEADDRUSE', 1],
]

const windows: Platform = {
  capabilities: {
    sharing: true,
    option: 'SO_REUSEADDR',
    // Microsoft, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE": the behaviour is indeterminate, and
    // two binds that both set SO_REUSEADDR succeed whoever the users are.
    connections: { exact: 'indeterminate', wildcard: 'indeterminate' },
    membership: { exact: 'anyone', wildcard: 'anyone' },
    afterListen: false,
    peers: false,
    queue: false,
    steering: false,
    holders: false,
    listenOptions: false,
    inherited: false,
  },
  shared: { tcp: windowsShared, udp: windowsShared },
  exclusive: { tcp: windowsExclusive, udp: windowsExclusive },
}

const unknown: Platform = {
  capabilities: {
    sharing: false,
    option: null,
    connections: { exact: 'indeterminate', wildcard: 'indeterminate' },
    membership: { exact: 'same-user', wildcard: 'same-user' },
    afterListen: false,
    peers: false,
    queue: false,
    steering: false,
    holders: false,
    listenOptions: false,
    inherited: false,
  },
  shared: { tcp: [], udp: [] },
  exclusive: { tcp: [], udp: [] },
}

const platforms: Partial<Record<NodeJS.Platform, Platform>> = { linux, darwin, win32: windows }

/** How this system shares a port. */
export const platform: Platform = platforms[process.platform] ?? unknown

/** What sharing a port means on this system, as a table of facts. */
export const capabilities: Capabilities = deepFreeze(platform.capabilities)

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}
