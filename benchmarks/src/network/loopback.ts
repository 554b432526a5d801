import { type Network, numberedAddresses } from './network.js'

/** This machine, where all of 127.0.0.0/8 is at hand. */
export function loopback(): Network {
  return {
    name: 'loopback',
    host: '127.0.0.1',
    clientAddresses: numberedAddresses('127.0.1', 64),
    serverCommand: (command) => command,
    clientCommand: (command) => command,
    [Symbol.asyncDispose]: async () => {},
  }
}
