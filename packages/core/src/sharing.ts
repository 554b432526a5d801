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
  if (options.only !== undefined && !capabilities.peers) {
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', 'option "only" needs Linux', {
      hint: 'Check capabilities.peers first.',
    })
  }
  for (const name of ['fastOpen', 'deferAccept', 'incomingCpu'] as const) {
    if (options[name] === undefined) continue
    if (!capabilities.listenOptions) {
      throw new ReuseError('ERR_REUSE_UNSUPPORTED', `option "${name}" needs Linux`, {
        hint: 'Check capabilities.listenOptions first.',
      })
    }
    if (protocol === 'udp' && name !== 'incomingCpu') {
      throw new ReuseError('ERR_REUSE_UNSUPPORTED', `option "${name}" is for TCP`, {
        hint: 'Leave it out for a UDP socket.',
      })
    }
  }
}
