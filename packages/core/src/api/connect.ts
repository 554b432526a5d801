import net from 'node:net'
import { withBindHint } from '../inspect/hint.js'
import { builtin } from '../lib/builtin.js'
import { checkOptions, portRule, type Schema } from '../lib/check-options.js'
import { giveConnectionSocket } from '../node/connection.js'
import { openBound } from '../socket/open.js'
import { requireSupport } from '../targets/support.js'

/** Where to connect, and from which port. */
export interface ConnectOptions {
  /** The port to connect to. */
  port: number
  /** A host name or an address. A name's first address is used. Default `'localhost'`. */
  host?: string
  /** The local port; this user's sockets may listen on it. */
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
 * Connects from a shared port, such as the one on which a server of this program listens.
 *
 * Errors are emitted as the socket's `'error'`. One of them is `EADDRNOTAVAIL`, if a connection with
 * the same addresses and ports already exists or is still in TIME_WAIT.
 *
 * @throws TypeError, RangeError for unknown options or invalid values
 * @throws ReuseError `ERR_REUSE_UNSUPPORTED`
 */
export function connect(options: ConnectOptions): net.Socket {
  const { port, host = 'localhost', localPort, localAddress } = check(options)
  requireSupport({}, 'tcp')
  const socket = new net.Socket()

  const open = (family: number): void => {
    const any = family === 6 ? '::' : '0.0.0.0'
    const place = { address: localAddress ?? any, port: localPort, ipv6Only: false }
    giveConnectionSocket(
      socket,
      withBindHint(() => openBound({ protocol: 'tcp', ...place })),
    )
  }
  // Node creates the handle when connect is called, and the handle's socket when it first needs one.
  // In between, it resolves the name; only then is the socket's address family known.
  const lookup: net.LookupFunction = (name, lookupOptions, done) => {
    builtin.dns().lookup(name, { ...lookupOptions, all: false }, (error, address, family) => {
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
      open(net.isIP(host)) // An address is not looked up: Node connects on the next tick.
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
    throw new TypeError(
      `connect: "${host}" and "${localAddress}" are of different address families`,
    )
  }
  return options
}
