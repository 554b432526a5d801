import { ReuseError } from './errors.js'
import { native, type Protocol, type SocketOption } from './native.js'
import type { ReuseOptions } from './options.js'
import { capabilities, platform } from './platform.js'

/** Sets what makes a socket share its port on this system, or refuse to. Before its bind. */
export function setSharing(socket: number, protocol: Protocol, exclusive = false): void {
  const values = platform[exclusive ? 'exclusive' : 'shared'][protocol]
  for (const [name, value] of values) native.setOption(socket, name, value)
}

/** Whether a socket has the option that makes it share. */
export function isShared(socket: number): boolean {
  return capabilities.option !== null && native.getOption(socket, capabilities.option) !== 0
}

/** Sets the options that Linux takes at listen time. */
export function setListenOptions(socket: number, options: ReuseOptions): void {
  const values: [SocketOption, number | undefined][] = [
    ['TCP_FASTOPEN', options.fastOpen],
    ['TCP_DEFER_ACCEPT', options.deferAccept],
    ['SO_INCOMING_CPU', options.incomingCpu],
  ]
  for (const [name, value] of values) {
    if (value !== undefined) native.setOption(socket, name, value)
  }
}

/** Refuses what this system, or this kind of socket, cannot do: before anything is changed. */
export function requireSupport(options: ReuseOptions, protocol: Protocol): void {
  if (!capabilities.sharing) {
    throw new ReuseError(
      'ERR_REUSE_UNSUPPORTED',
      `sharing a port is not known to work on ${process.platform}`,
      { hint: 'It works on Linux, macOS and Windows.' },
    )
  }
  for (const { name, needs, only } of requirements) {
    if (options[name] === undefined) continue
    if (!capabilities[needs]) {
      throw new ReuseError('ERR_REUSE_UNSUPPORTED', `option "${name}" needs Linux`, {
        hint: `Check capabilities.${needs} first.`,
      })
    }
    if (only !== undefined && only !== protocol) {
      throw new ReuseError(
        'ERR_REUSE_UNSUPPORTED',
        `option "${name}" is for ${only.toUpperCase()}`,
        {
          hint: `Leave it out for a ${protocol.toUpperCase()} socket.`,
        },
      )
    }
  }
  if (typeof options.steering === 'object' && protocol === 'tcp') {
    throw new TypeError('setReuse: steering by { payload } is for UDP: a TCP handshake has none')
  }
}

/** What some options take: a capability, and maybe one protocol. */
const requirements: readonly {
  name: keyof ReuseOptions
  needs: 'peers' | 'listenOptions' | 'steering'
  only?: Protocol
}[] = [
  { name: 'only', needs: 'peers' },
  { name: 'steering', needs: 'steering' },
  // UDP sockets cannot be told apart, so nobody knows which index a weight belongs to.
  { name: 'weight', needs: 'steering', only: 'tcp' },
  { name: 'fastOpen', needs: 'listenOptions', only: 'tcp' },
  { name: 'deferAccept', needs: 'listenOptions', only: 'tcp' },
  { name: 'incomingCpu', needs: 'listenOptions' },
]
