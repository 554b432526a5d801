import type net from 'node:net'
import { attempt } from './attempt.js'
import { Connections } from './keep-alive.js'
import { acceptWaiting, type LeaveReason, type LeaveReport, leaveGroup, reportOf } from './leave.js'
import type { Membership } from './membership.js'
import { native } from './native.js'
import { defaultLeaveTimeout, type ReuseOptions } from './options.js'
import { capabilities } from './platform.js'
import { probePorts } from './position.js'

/**
 * Makes `server.close()` leave the group first. Until that is done the server listens and serves;
 * the return value, callbacks, events and errors are those of Node's own close.
 *
 * @param socket tells the descriptor with which the server listens now, if any
 * @param membership tells the membership of the socket on which the server listens now, if any
 * @returns what leaves and closes, and tells how that went
 */
export function leaveOnClose(
  server: net.Server,
  socket: () => number | null,
  membership: () => Membership | null,
  { exclusive = false, leaveTimeout = defaultLeaveTimeout }: ReuseOptions,
): () => Promise<LeaveReport> {
  const { close } = server
  const connections = new Connections(server)
  let leaving: Promise<LeaveReport> | null = null
  /** Whether it has left, and its connections have time to end by themselves. */
  let retiring = false
  let callbacks: (((error?: Error) => void) | undefined)[] = []

  const closeNow = (): void => {
    membership()?.end()
    const waiting = callbacks
    callbacks = []
    // The first learns of the close; those that came later, that it was closed already.
    close.call(server, waiting.shift())
    for (const callback of waiting) close.call(server, callback)
  }

  const leave = async (): Promise<LeaveReport> => {
    const current = membership()
    if (current === null) {
      const open = socket()
      if (!exclusive && open !== null) await acceptWaiting(open)
      const reason = exclusive ? reasonOfLoneClose(open) : 'unsupported'
      closeNow()
      return reportOf(reason, { drained: 0, waited: 0, successors: 0 })
    }
    const start = performance.now()
    const deadline = start + leaveTimeout
    let drained = 0
    const count = ({ remotePort }: net.Socket): void => {
      if (remotePort === undefined || !probePorts.has(remotePort)) drained++
    }

    const successors = current.group.countOthers()
    if (successors > 0) connections.retire()
    server.on('connection', count)
    const closeListener = (): void => {
      if (successors > 0) connections.keepIdle(closeNow)
      else closeNow()
    }
    const reason = await leaveGroup(current, closeListener, deadline)
    server.off('connection', count)
    probePorts.clear()

    const waited = performance.now() - start
    retiring = successors > 0
    const patience = setTimeout(() => {
      retiring = false
      connections.end()
    }, deadline - performance.now()).unref()
    server.once('close', () => {
      clearTimeout(patience)
      retiring = false
      connections.recover()
    })
    return reportOf(reason, { drained, waited, successors })
  }

  const leaveOnce = (): Promise<LeaveReport> => {
    leaving ??= leave().finally(() => {
      leaving = null
    })
    return leaving
  }

  server.close = (callback) => {
    if (membership() === null) {
      if (retiring) connections.keepIdle(() => close.call(server, callback))
      else close.call(server, callback)
      return server
    }
    callbacks.push(callback)
    leaveOnce().catch((error) => server.emit('error', error))
    return server
  }
  return leaveOnce
}

/** Why a listener that has its port alone may lose connections when it closes. */
function reasonOfLoneClose(socket: number | null): LeaveReason | null {
  if (!capabilities.queue) return 'unsupported'
  if (socket === null) return null
  const waiting = attempt(() => native.getQueue(socket).length)
  if (waiting === undefined) return 'unsupported'
  return waiting > 0 ? 'last-member' : null
}
