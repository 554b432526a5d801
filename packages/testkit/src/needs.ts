import { spawnSync } from 'node:child_process'

/** What a test may need of the system that it runs on. */
export type Need =
  /** A second listener may bind if both ask to share. */
  | 'sharing'
  /** Every member of a group gets connections. */
  | 'balance'
  | 'peers'
  | 'queue'
  /** A backlog may be a number that the system takes for a negative one. */
  | 'negativeBacklog'
  | 'steering'
  /** Members hold each other's listeners. */
  | 'holders'
  | 'listenOptions'
  /** A socket may begin to share after its bind. */
  | 'afterListen'
  /** Descriptors are handed to a program that is started. */
  | 'descriptors'
  /** Sharing has an option of its own. */
  | 'SO_REUSEPORT'
  /** UDP port 0 becomes a port that nobody holds. */
  | 'freshPorts'
  /** All of 127.0.0.0/8 is this machine. */
  | 'loopback'
  /** /proc, abstract names, and what else only Linux has. */
  | 'linux'
  | 'python'

type Lacks = Partial<Record<Need, string>>

const linuxOnly: Lacks = {
  peers: 'only Linux lists the sockets of a port',
  queue: 'only Linux tells what waits in a socket',
  steering: 'only Linux takes steering filters',
  holders: 'members hold each other’s listeners on Linux only',
  listenOptions: 'only Linux has these options',
  afterListen: 'only on Linux can a socket begin to share after its bind',
  linux: 'this is about Linux',
}

/** What each system does not have, and why a test is skipped there. */
const platforms: Partial<Record<NodeJS.Platform, Lacks>> = {
  linux: {},
  darwin: {
    ...linuxOnly,
    balance: 'macOS gives all connections to one of the listeners',
    loopback: 'macOS answers on 127.0.0.1 only',
  },
  win32: {
    ...linuxOnly,
    balance: 'Windows does not say who gets a connection',
    negativeBacklog: 'bare Node on Windows aborts there, by an assertion of libuv',
    descriptors: 'Windows programs inherit no descriptors',
    SO_REUSEPORT: 'Windows shares by SO_REUSEADDR',
    python: 'the Python program sets options of Unix',
  },
}

/** What an emulator does not support: `TEST_LACKS={"peers":"it has no sock_diag"}`. */
const emulator: Lacks = JSON.parse(process.env.TEST_LACKS ?? '{}')

const known: Lacks = { ...platforms[process.platform], ...emulator }

/** Why this system does not have something; `undefined` if it does. */
export function lacks(need: Need): string | undefined {
  const reason = known[need]
  if (reason !== undefined || need !== 'python') return reason
  const { status } = spawnSync('python3', ['--version'])
  return status === 0 ? undefined : 'python3 is not installed'
}

/** The options of a test that is skipped, with the reason, if the system lacks something. */
export function needs(...all: Need[]): { skip: string | false } {
  const [reason] = all.flatMap((need) => lacks(need) ?? [])
  return { skip: reason ?? false }
}
