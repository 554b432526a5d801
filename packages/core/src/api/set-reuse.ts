import type dgram from 'node:dgram'
import net from 'node:net'
import { builtin } from '../lib/builtin.js'
import { ReuseError } from '../lib/errors.js'
import { shareDatagramSocket } from '../targets/datagram.js'
import { shareDescriptor } from '../targets/descriptor.js'
import type { Member } from '../targets/member.js'
import { checkReuseOptions, type ReuseOptions } from '../targets/options.js'
import { shareServer } from '../targets/server.js'
import { describe } from './describe.js'

const members = new WeakMap<net.Server | dgram.Socket, Member>()

/** The options from the environment; each one applies unless the program sets it itself. */
let environment: ReuseOptions = {}

/** Sets the options that apply from now on where a call of `setReuse` sets none; see `register`. */
export function setEnvironment(options: ReuseOptions): void {
  environment = options
}

/**
 * Lets a raw socket share its port: call this before bind. On Windows, the number is the SOCKET.
 *
 * @throws a RangeError, or a system error (`EBADF`, `ENOTSOCK`), if the number is not an open socket
 * @throws TypeError, RangeError for unknown options or invalid values
 * @throws ReuseError `ERR_REUSE_ALREADY_SHARED`; `ERR_REUSE_UNSUPPORTED` also for options that need a
 * server or a UDP socket
 */
export function setReuse(descriptor: number, options?: ReuseOptions): void
/**
 * Lets a server (net, tls, http, https, http2) share its port with other programs, processes or
 * threads: call this, then `server.listen(...)` in any form. A server on a path, a handle or a
 * descriptor is not affected.
 *
 * On Linux, a server that already listens can begin to share its port; on other systems that is an
 * error.
 *
 * @throws TypeError, RangeError for unknown options or invalid values
 * @throws ReuseError `ERR_REUSE_ALREADY_SHARED`, `ERR_REUSE_UNSUPPORTED`
 */
export function setReuse(server: net.Server, options?: ReuseOptions): Member
/**
 * Lets a UDP socket share its port: call this, then `socket.bind(...)` in any form.
 *
 * @throws the same errors as for a server
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
  if (!isServer && !(target instanceof builtin.dgram().Socket)) {
    throw new TypeError(
      `setReuse takes a net.Server, a dgram.Socket or a descriptor, got ${describe(target)}`,
    )
  }
  if (members.has(target)) {
    const message = 'setReuse has already been called on this target'
    const hint = 'Call it once, in one place; memberOf returns its member.'
    throw new ReuseError('ERR_REUSE_ALREADY_SHARED', message, { hint })
  }
  const all = checked.exclusive ? checked : { ...environmentFor(isServer), ...checked }
  const member = isServer ? shareServer(target, all) : shareDatagramSocket(target, all)
  members.set(target, member)
  return member
}

/** Shares a server or UDP socket that its program does not share itself. */
export function shareUnchanged(target: net.Server | dgram.Socket): void {
  const member =
    target instanceof net.Server
      ? shareServer(target, { ...environmentFor(true), isUnchanged: true })
      : shareDatagramSocket(target, { ...environmentFor(false), isUnchanged: true })
  members.set(target, member)
}

function environmentFor(isServer: boolean): ReuseOptions {
  const { weight, rescue, ...ofBoth } = environment // These two are for TCP only.
  return isServer ? environment : ofBoth
}

/** The member of a server or UDP socket, whichever code called `setReuse` on it. */
export function memberOf(target: net.Server | dgram.Socket): Member | undefined {
  return members.get(target)
}
