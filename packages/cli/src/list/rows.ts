import type { Listener } from '@reuse/core/group'
import { formatAddress } from '../output/names.js'
import type { Column } from '../output/table.js'
import { formatPolicy } from '../policy.js'
import { ownUid, userName } from '../users.js'

export const columns: readonly Column[] = [
  { title: 'PROTO' },
  { title: 'ADDRESS' },
  { title: 'PID', align: 'right' },
  { title: 'USER' },
  { title: 'PROGRAM' },
  { title: 'WEIGHT', align: 'right' },
  { title: 'POLICY' },
  { title: 'QUEUE', align: 'right' },
  { title: 'HELD BY' },
]

export function rowOf(socket: Listener): string[] {
  const { protocol, pid, uid, queue, holders } = socket
  return [
    protocol,
    formatAddress(socket),
    pidOf(socket),
    userName(uid),
    socket.orphan ? '(orphan)' : (socket.program ?? '?'),
    standingOf(socket, ({ weight }) => String(weight)),
    standingOf(socket, ({ policy }) => formatPolicy(policy)),
    `${queue.length}/${queue.limit}`,
    pid === null && !socket.orphan ? '?' : shorten(holders),
  ]
}

function pidOf({ pid, orphan }: Listener): string {
  if (pid !== null) return String(pid)
  return orphan ? '-' : '?'
}

function standingOf(
  { member, standing }: Listener,
  show: (standing: NonNullable<Listener['standing']>) => string,
): string {
  if (standing !== null) return show(standing)
  return member ? '?' : '-'
}

/** How many pids are shown at most: in a large group every member holds every socket. */
const most = 3

function shorten(holders: readonly number[]): string {
  if (holders.length === 0) return '-'
  const shown = holders.slice(0, most).join(', ')
  return holders.length > most ? `${shown} and ${holders.length - most} more` : shown
}

/** What the question marks mean. */
export function notesOf(sockets: readonly Listener[]): string[] {
  const isOthers = ({ uid }: Listener): boolean => uid !== ownUid()
  const isHidden = ({ pid, orphan }: Listener): boolean => pid === null && !orphan
  const isSilent = ({ member, standing }: Listener): boolean => member && standing === null
  const reasons = {
    "other users' programs, which the system shows only to root": (one: Listener) =>
      isHidden(one) && isOthers(one),
    'programs that /proc does not show, such as those of another container': (one: Listener) =>
      isHidden(one) && !isOthers(one),
    "other users' weights and policies, which members report to their user only": (one: Listener) =>
      isSilent(one) && isOthers(one),
    'members that did not answer within a second: they are busy or suspended': (one: Listener) =>
      isSilent(one) && !isOthers(one),
  }
  const found = Object.entries(reasons).filter(([, is]) => sockets.some(is))
  return found.map(([what]) => `? stands for ${what}.`)
}
