import type { Network } from './network.js'

/** This machine, where all of 127.0.0.0/8 is available. */
export function loopback(): Network {
  return {
    name: 'loopback',
    host: '127.0.0.1',
    clients: '127.1',
    serverCommand: (command) => command,
    clientCommand: (command) => command,
    [Symbol.asyncDispose]: async () => {},
  }
}
