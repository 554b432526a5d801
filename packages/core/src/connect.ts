import dns from 'node:dns'
import net from 'node:net'
import { openBound } from './listener.js'
import { giveConnectionSocket } from './node/connection.js'
import { checkOptions, port as portRule, type Schema } from './options.js'
import { requireSupport } from './sharing.js'

/** Where to connect, and from which port. */
export interface ConnectOptions {
  /** The port to connect to. */
  port: number
  /** A name or an address; of a name, the first address is taken. Default `'localhost'`. */
  host?: string
  /** The local port, which may be one on which this user's sockets listen. */
  localPort: number
  /** A numeric local address. Default: any. */
  localAddress?: string
}

const schema: Schema<ConnectOptions> = {
  port: portRule,
  host: { type: 'string' },
  localPort: portRule,
  localAddress: { type: 'string' },
}

/**
 * Connects from a port that is shared, such as the one that a server of this program listens on.
 *
 * Errors come as the socket's 'error'. One of them is `EADDRNOTAVAIL`: a connection with the same
 * four addresses and ports is there already, or lingers in TIME_WAIT.
 */
export function connect(options: ConnectOptions): net.Socket {
  const { port, host = 'localhost', localPort, localAddress } = check(options)
  requireSupport({}, 'tcp')
  const socket = new net.Socket()

  const open = (family: number): void => {
    const any = family === 6 ? '::' : '0.0.0.0'
    const place = { address: localAddress ?? any, port: localPort, ipv6Only: false }
    giveConnectionSocket(socket, openBound({ protocol: 'tcp', ...place }))
  }
  // Node makes the handle when connect is called and its socket when it first needs one. In between
  // it resolves the name, and only then it is known which family the socket must have.
  const lookup: net.LookupFunction = (name, lookupOptions, done) => {
    dns.lookup(name, { ...lookupOptions, all: false }, (error, address, family) => {
      if (error) return done(error, address, family)
      if (socket.destroyed) return
      try {
        open(family)
        done(null, address, family)
      } catch (failure) {
        socket.destroy(failure as Error)
      }
    })
  }
  const family = localAddress === undefined ? 0 : net.isIP(localAddress)
  socket.connect({ port, host, lookup, family, autoSelectFamily: false })
  if (net.isIP(host)) {
    try {
      open(net.isIP(host)) // An address is not looked up; it connects on the next tick.
    } catch (failure) {
      socket.destroy(failure as Error)
    }
  }
  return socket
}

function check(options: ConnectOptions): ConnectOptions {
  const { port, host, localPort, localAddress } = checkOptions('connect', options, schema)
  for (const [name, value] of Object.entries({ port, localPort })) {
    if (value === undefined) throw new TypeError(`connect: option "${name}" is missing`)
  }
  if (localAddress !== undefined && net.isIP(localAddress) === 0) {
    throw new TypeError(
      `connect: option "localAddress" must be an IP address, got "${localAddress}"`,
    )
  }
  const families = new Set([host, localAddress].map((one) => net.isIP(one ?? '')).filter(Boolean))
  if (families.size > 1) {
    throw new TypeError(`connect: "${host}" and "${localAddress}" are of two families`)
  }
  return options
}
