import { ReuseError, rethrow } from '../lib/errors.js'
import { show } from '../lib/show.js'
import { native } from '../socket/native.js'
import { isShared, setListenOptions, setSharing } from '../socket/sharing.js'
import type { ReuseOptions } from './options.js'
import { requireSupport } from './support.js'

/** The value of SO_TYPE for a datagram socket, on every system. */
const SOCK_DGRAM = 2

const highest = 2 ** 31 - 1

/** Sets the option on a raw descriptor; see `setReuse`. */
export function shareDescriptor(descriptor: number, options: ReuseOptions): void {
  if (!Number.isInteger(descriptor) || descriptor < 0 || descriptor > highest) {
    throw new RangeError(
      `setReuse: a descriptor must be an integer from 0 to ${highest}, got ${show(descriptor)}`,
    )
  }
  const about = {
    hint: `${descriptor} must be the descriptor of an open IPv4 or IPv6 socket. If it is a port: setReuse(server), then server.listen(${descriptor}).`,
  }
  const protocol = rethrow(() => {
    native.getAddress(descriptor) // Fails for a Unix socket, on which the option has no meaning.
    return native.getOption(descriptor, 'SO_TYPE') === SOCK_DGRAM ? 'udp' : 'tcp'
  }, about)
  requireSupport(options, protocol)
  for (const name of ['only', 'steering', 'weight', 'rescue', 'leaveTimeout'] as const) {
    if (options[name] === undefined) continue
    const message = `option "${name}" works only for a server or a UDP socket, not for a descriptor`
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', message, { hint: 'Leave it out here.' })
  }
  if (!options.exclusive && isShared(descriptor)) {
    const message = `descriptor ${descriptor} already shares its port`
    throw new ReuseError('ERR_REUSE_ALREADY_SHARED', message, { hint: 'Call setReuse once.' })
  }
  rethrow(() => {
    setSharing(descriptor, protocol, options.exclusive)
    setListenOptions(descriptor, options)
  }, about)
}
