import { reuseRun, startManaged } from '../sides/reuse-run.js'
import type { RestartingSide } from './restarting-side.js'

export const restartingReuseRun: RestartingSide = {
  side: reuseRun,
  description: 'reuse reload: one worker at a time, the new one serves before the old one leaves',
  start: async (start) => {
    const app = await startManaged({ ...start, framework: 'http', handler: 'hello' })
    let workers = await app.workers()
    return {
      port: app.port,
      // `reuse reload` replaces all workers.
      restart: async () => {
        await app.reload()
        const left = workers
        workers = await app.workers()
        const replaced = left.filter((pid) => !workers.includes(pid)).length
        return { replaced, leaves: [] }
      },
      [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
    }
  },
}
