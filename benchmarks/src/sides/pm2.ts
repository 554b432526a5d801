import { fileURLToPath } from 'node:url'
import { freePort } from '@reuse/testkit'
import { backlog } from '../apps/app.js'
import type { MemberArguments } from '../apps/member.js'
import { Pm2Daemon } from '../pm2-daemon.js'
import type { RunningSide, Side, Start } from './side.js'

export const pm2: Side = {
  name: 'pm2',
  title: 'PM2 cluster',
  description: "PM2's cluster mode: its daemon is the primary of a node:cluster",
  unavailable: () => (process.platform === 'win32' ? 'PM2 is measured on Unix only' : null),
  start: startPm2,
}

async function startPm2(start: Start): Promise<RunningSide> {
  const { node, framework, handler, members, network } = start
  const daemon = await Pm2Daemon.start(node, network)
  try {
    const port = await freePort()
    const where = { host: network.host, port, backlog }
    const member: MemberArguments = { framework, handler, where }
    const file = fileURLToPath(new URL('../apps/member.js', import.meta.url))
    await daemon.startProgram(file, members, member)
    return {
      ports: [port],
      workers: await daemon.workers(),
      others: [await daemon.pid()],
      versions: daemon.versions,
      [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
    }
  } catch (error) {
    await daemon[Symbol.asyncDispose]()
    throw error
  }
}
