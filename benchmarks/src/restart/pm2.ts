import { fileURLToPath } from 'node:url'
import { freePort } from '@reuse/testkit'
import { Pm2Daemon } from '../pm2-daemon.js'
import type { RestartingArguments } from '../servers/restarting.js'
import { pm2 } from '../sides/pm2.js'
import type { RestartingSide } from './restarting-side.js'

export const restartingPm2: RestartingSide = {
  side: pm2,
  description: 'pm2 reload: a new worker, then SIGINT to the old one, which closes its server',
  start: async ({ node, network, members }) => {
    const daemon = await Pm2Daemon.start(node, network)
    try {
      const port = await freePort()
      const argument: RestartingArguments = { sharing: 'cluster', host: network.host, port }
      const file = fileURLToPath(new URL('../servers/restarting.js', import.meta.url))
      await daemon.startProgram(file, members, argument)
      let workers = await daemon.workers()
      return {
        port,
        versions: daemon.versions,
        // PM2 replaces all workers.
        restart: async () => {
          await daemon.run('reload', 'all')
          const left = workers
          workers = await daemon.workers()
          const replaced = left.filter((pid) => !workers.includes(pid)).length
          return { replaced, leaves: [] }
        },
        [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
      }
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
  },
}
