import { fileURLToPath } from 'node:url'
import { ManagedApp } from '../managed-app.js'
import { pick } from '../restart/pick.js'
import type { CrashingArguments } from '../servers/crashing.js'
import { reuseRun } from '../sides/reuse-run.js'
import { blockOne, crashAll } from './by-signal.js'
import type { CrashingSide } from './crashing-side.js'

const server = fileURLToPath(new URL('../servers/crashing.js', import.meta.url))

export const crashingReuseRun: CrashingSide = {
  side: reuseRun,
  description:
    'the manager starts another worker for each that was killed; another manager takes the workers of one that was killed',
  victims: ['a member', 'all members', 'the manager'],
  start: async ({ folder, ...start }) => {
    const programFor = (port: number): string[] => {
      const argument: CrashingArguments = { host: start.network.host, port, folder }
      return [server, JSON.stringify(argument)]
    }
    const app = await ManagedApp.start({ ...start, programFor })
    let killed: readonly number[] = []
    let isWithoutManager = false
    return {
      port: app.port,
      crash: async (victims) => {
        isWithoutManager = victims === 'the manager'
        if (isWithoutManager) {
          await app.killManager()
          killed = []
          return killed
        }
        const workers = await app.workers()
        killed = victims === 'a member' ? pick(workers, 1) : workers
        crashAll(killed)
        return killed
      },
      block: async () => {
        isWithoutManager = false
        const pid = await blockOne(folder, await app.workers())
        killed = [pid]
        return pid
      },
      successors: async () => {
        if (isWithoutManager) app.restartManager()
        await app.untilServing(killed)
      },
      [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
    }
  },
}
