import { readdirSync, readlinkSync, statSync } from 'node:fs'
import type { Listener } from '@reuse/core/group'
import type { Protocol } from '../arguments.js'
import { codeOf, Failure, wrongUsage } from '../failure.js'
import { findSockets } from '../list/sockets.js'
import { join } from '../output/names.js'
import { ownUid, userName } from '../users.js'

/** Which sockets of a process are meant: those of one port. */
export async function chooseSockets(
  pid: number,
  port: number | undefined,
  protocol: Protocol,
): Promise<Listener[]> {
  requireAccess(pid)
  const own = (await findSockets({ protocol })).filter((socket) => isOf(socket, pid))
  const ports = [...new Set(own.map((socket) => socket.port))]
  const kind = protocol === 'tcp' ? 'TCP port' : 'UDP port'
  if (ports.length === 0) {
    const remedy = protocol === 'tcp' ? ' Add --udp for a UDP socket.' : ''
    throw new Failure(`process ${pid} listens on no ${kind} of this network namespace.${remedy}`)
  }
  if (port === undefined && ports.length > 1) {
    throw wrongUsage(
      `process ${pid} listens on ${kind}s ${join(ports)}. Type which one: 'reuse open ${pid} ${ports[0]}'.`,
    )
  }
  const chosen = own.filter((socket) => port === undefined || socket.port === port)
  if (chosen.length > 0) return chosen
  throw new Failure(`process ${pid} does not listen on ${kind} ${port}, but on ${join(ports)}.`)
}

/** Members hold each other's sockets; the sockets that other programs hold are their own. */
function isOf(socket: Listener, pid: number): boolean {
  return socket.pid === pid || (!socket.member && !socket.orphan && socket.holders.includes(pid))
}

/** Refuses a process that is not there, or whose descriptors cannot be looked at. */
function requireAccess(pid: number): void {
  try {
    const folder = `/proc/${pid}/fd`
    // Root may be allowed to list the descriptors, but not to look at them.
    const [first] = readdirSync(folder)
    if (first !== undefined) readlinkSync(`${folder}/${first}`)
  } catch (error) {
    const uid = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
    if (uid === undefined && !isAlive(pid)) throw new Failure(`there is no process ${pid}.`)
    if (uid === undefined) {
      throw new Failure(`/proc does not show process ${pid} (hidepid). Run the command as root.`)
    }
    if (uid !== ownUid()) {
      const user = userName(uid)
      throw new Failure(
        `process ${pid} belongs to user ${user}. Run the command as that user or as root: sudo -u ${user} reuse open ${pid}.`,
      )
    }
    throw new Failure(
      `the system does not let this process look at the descriptors of process ${pid} (${codeOf(error)}), which may have capabilities that this one lacks. Run the command as root, with CAP_SYS_PTRACE.`,
    )
  }
}

/** Whether there is such a process, even if /proc hides it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
