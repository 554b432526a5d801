/**
 * `node --import @reuse/core/register app.js`: every server and every UDP socket of an unchanged
 * program shares its port. Options come from the environment.
 */

import type dgram from 'node:dgram'
import type net from 'node:net'
import { optionsFromEnvironment } from './api/environment.js'
import { LeaveOnSignal } from './api/leave-on-signal.js'
import { memberOf, setEnvironment, shareUnchanged } from './api/set-reuse.js'
import { SharedTargets } from './api/shared-targets.js'
import { isClosed, onDatagramSocket } from './node/datagram.js'
import { onServerListen } from './node/server.js'
import { defaultLeaveTimeout } from './targets/options.js'
import { requireSupport } from './targets/support.js'

/** @internal for the threads of `reuse run`, which get no signals */
export const sharedTargets = new SharedTargets()

const options = optionsFromEnvironment(process.env)
setEnvironment(options)
new LeaveOnSignal(sharedTargets, options.leaveTimeout ?? defaultLeaveTimeout)

function share(target: net.Server | dgram.Socket): void {
  // A target that the program itself has shared leaves with the others.
  sharedTargets.add(target)
  if (memberOf(target) === undefined) shareUnchanged(target)
}

requireSupport(options, 'tcp')
// Node's own option `exclusive` says that this server is not to be shared. Node also sets it in the options
// of a `listen` with `reusePort`, which may be used for a second server.
onServerListen((server, { exclusive, reusePort }) => {
  if (!exclusive || reusePort) share(server)
})
onDatagramSocket((socket) => {
  // A socket that is created with an already aborted signal is closed from the start.
  if (!isClosed(socket)) share(socket)
})
