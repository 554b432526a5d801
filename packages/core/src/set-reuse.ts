import dgram from 'node:dgram'
import net from 'node:net'
import { shareDatagramSocket } from './datagram.js'
import { shareDescriptor } from './descriptor.js'
import { ReuseError } from './errors.js'
import type { Member } from './member.js'
import { checkReuseOptions, type ReuseOptions, show } from './options.js'
import { shareServer } from './server.js'

const members = new WeakMap<net.Server | dgram.Socket, Member>()

/**
 * Lets a raw socket share its port: call it before bind. On Windows the number is the SOCKET.
 *
 * @throws RangeError, or a system error (`EBADF`, `ENOTSOCK`), where it is no open socket
 */
export function setReuse(descriptor: number, options?: ReuseOptions): void
/**
 * Lets a server (net, tls, http, https, http2) share its port with other programs, processes or
 * threads: call it, then `server.listen(...)` in any form. What listens on a path, or on a handle
 * or descriptor, stays as it is.
 *
 * On Linux a server that listens already may begin to share; elsewhere that is refused.
 *
 * @throws TypeError, RangeError for options that make no sense
 * @throws ReuseError `ERR_REUSE_ALREADY_SHARED`, `ERR_REUSE_UNSUPPORTED`
 */
export function setReuse(server: net.Server, options?: ReuseOptions): Member
/**
 * Lets a UDP socket share its port: call it, then `socket.bind(...)` in any form.
 *
 * @throws as it does for a server
 */
export function setReuse(socket: dgram.Socket, options?: ReuseOptions): Member
export function setReuse(
  target: number | net.Server | dgram.Socket,
  options: ReuseOptions = {},
): Member | undefined {
  const checked = checkReuseOptions(options)
  if (typeof target === 'number') {
    shareDescriptor(target, checked)
    return
  }

  const isServer = target instanceof net.Server
  if (!isServer && !(target instanceof dgram.Socket)) {
    throw new TypeError(
      `setReuse takes a net.Server, a dgram.Socket or a descriptor, got ${show(target)}`,
    )
  }
  if (members.has(target)) {
    const message = 'setReuse was called before on this target'
    const hint = 'Call it once, in one place; memberOf gives its member.'
    throw new ReuseError('ERR_REUSE_ALREADY_SHARED', message, { hint })
  }
  const member = isServer ? shareServer(target, checked) : shareDatagramSocket(target, checked)
  members.set(target, member)
  return member
}

/** The member that a server or UDP socket became, by whomever's `setReuse`. */
export function memberOf(target: net.Server | dgram.Socket): Member | undefined {
  return members.get(target)
}
