import { backlog } from '../apps/app.js'
import { startMembers } from './members.js'
import type { Side } from './side.js'

export const single: Side = {
  name: 'single',
  title: 'single listener',
  description: 'one process, whatever the number of members: what there is without sharing',
  unavailable: () => null,
  start: (start) =>
    startMembers(start, [{ where: { host: start.network.host, port: 0, backlog } }]),
}
