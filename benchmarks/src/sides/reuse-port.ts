import { freePort } from '@reuse/testkit'
import { backlog } from '../apps/app.js'
import { hasReusePort } from '../node-version.js'
import { samePlace, startMembers } from './members.js'
import type { Side } from './side.js'

export const reusePort: Side = {
  name: 'reuseport',
  title: 'Node reusePort',
  description: "processes that share the port by Node's own listen({ reusePort: true })",
  unavailable: ({ version }) => {
    if (process.platform !== 'linux') return 'Node has reusePort on Linux only'
    if (!hasReusePort(version)) return `Node ${version} has no reusePort; use another: --node 24`
    return null
  },
  start: async (start) => {
    const where = { host: start.network.host, port: await freePort(), backlog, reusePort: true }
    return await startMembers(start, samePlace(start, { where }))
  },
}
