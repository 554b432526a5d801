import { listMembers } from '../inspect/member-names.js'
import { attempt } from '../lib/attempt.js'
import type { Group } from './group.js'
import { isMet } from './probe.js'
import { warn } from './warn.js'

/**
 * Warns a member that is alone among programs without @reuse if new connections do not reach it: one
 * of those programs may have attached a filter, which stays as it is. TCP only: datagrams sent to find
 * this out would be delivered.
 */
export function warnOfForeignFilter(group: Group): void {
  const { protocol, place } = group
  if (protocol === 'udp') return
  const size = attempt(() => group.inodes().size) ?? 1
  const isAlone = attempt(() => listMembers(group.key).length === 1) ?? false
  if (!isAlone || attempt(() => isMet(group, size)) !== false) return
  const what = `this member gets no connections on port ${place.port}`
  const why =
    "another program has attached a filter that passes it over; call member.steer('hash') to replace it"
  warn('REUSE_FOREIGN_FILTER', what, why)
}
