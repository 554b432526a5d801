import { backlog } from '../apps/app.js'
import { samePlace, startMembers } from './members.js'
import type { Side } from './side.js'

export const separatePorts: Side = {
  name: 'separate-ports',
  title: 'separate ports',
  description: 'processes that share nothing, the load spread evenly over their ports: the ideal',
  unavailable: () => null,
  start: (start) =>
    startMembers(
      start,
      samePlace(start, { where: { host: start.network.host, port: 0, backlog } }),
    ),
}
