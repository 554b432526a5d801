import { attempt } from '../lib/attempt.js'
import { native, type Protocol, type SocketOption } from './native.js'
import { capabilities, platform } from './platform.js'
import type { ListenOptions } from './request.js'

/** Sets the options that make a socket share its port on this system, or refuse to. Call it before bind. */
export function setSharing(socket: number, protocol: Protocol, exclusive = false): void {
  const values = platform[exclusive ? 'exclusive' : 'shared'][protocol]
  for (const [name, value] of values) native.setOption(socket, name, value)
}

/** Whether a socket has the option that makes it share. */
export function isShared(socket: number): boolean {
  return capabilities.option !== null && native.getOption(socket, capabilities.option) !== 0
}

/** Sets the options that Linux takes at listen time. */
export function setListenOptions(socket: number, options: ListenOptions): void {
  const values: [SocketOption, number | undefined][] = [
    ['TCP_FASTOPEN', options.fastOpen],
    ['TCP_DEFER_ACCEPT', options.deferAccept],
    ['SO_INCOMING_CPU', options.incomingCpu],
  ]
  for (const [name, value] of values) {
    if (value !== undefined) native.setOption(socket, name, value)
  }
}

/** Resets the options that Linux takes at listen time, for a listener that another program had. */
export function resetListenOptions(socket: number): void {
  const values: [SocketOption, number][] = [
    ['TCP_FASTOPEN', 0],
    ['TCP_DEFER_ACCEPT', 0],
    ['SO_INCOMING_CPU', -1],
  ]
  // A UDP socket, or an old kernel, does not have all of them.
  for (const [name, value] of values) attempt(() => native.setOption(socket, name, value))
}
