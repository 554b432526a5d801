import { ReuseError, rethrow } from './errors.js'
import { native } from './native.js'
import { type ReuseOptions, show } from './options.js'
import { isShared, requireSupport, setListenOptions, setSharing } from './sharing.js'

/** The value of SO_TYPE that is a datagram socket, on every system. */
const SOCK_DGRAM = 2

const highest = 2 ** 31 - 1

/** Sets the option on a raw descriptor; see `setReuse`. */
export function shareDescriptor(descriptor: number, options: ReuseOptions): void {
  if (!Number.isInteger(descriptor) || descriptor < 0 || descriptor > highest) {
    throw new RangeError(
      `setReuse: a descriptor must be an integer from 0 to ${highest}, got ${show(descriptor)}`,
    )
  }
  const about = { hint: `Descriptor ${descriptor} must be an open IPv4 or IPv6 socket.` }
  const protocol = rethrow(() => {
    native.getAddress(descriptor) // Says no to a Unix socket, on which the option has no meaning.
    return native.getOption(descriptor, 'SO_TYPE') === SOCK_DGRAM ? 'udp' : 'tcp'
  }, about)
  requireSupport(options, protocol)
  for (const name of ['only', 'steering', 'weight'] as const) {
    if (options[name] === undefined) continue
    const message = `option "${name}" is for a server or a UDP socket, which tell when they bind`
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', message, { hint: 'Leave it out here.' })
  }
  if (!options.exclusive && isShared(descriptor)) {
    const message = `descriptor ${descriptor} shares its port already`
    throw new ReuseError('ERR_REUSE_ALREADY_SHARED', message, { hint: 'Call setReuse once.' })
  }
  rethrow(() => {
    setSharing(descriptor, protocol, options.exclusive)
    setListenOptions(descriptor, options)
  }, about)
}
