import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@reuse/testkit'
import { untilGone } from '../harness/processes.js'
import { Pm2Daemon } from '../pm2-daemon.js'
import { pick } from '../restart/pick.js'
import type { CrashingArguments } from '../servers/crashing.js'
import { pm2 } from '../sides/pm2.js'
import type { CrashingSide } from './crashing-side.js'
import { servingIn } from './serving.js'

const server = fileURLToPath(new URL('../servers/crashing.js', import.meta.url))

/** Without it, PM2 gives a program up that has died 16 times within a second of its start. */
const restarts = ['--max-restarts', '1000000']

/** How long successors may take, and how often is looked for them, in milliseconds. */
const patience = 30_000
const pause = 20

export const crashingPm2: CrashingSide = {
  side: pm2,
  description:
    'its daemon starts another worker for each that was killed; another daemon takes its own place',
  victims: ['a member', 'all members', 'the manager'],
  start: async ({ node, network, members, folder }) => {
    const daemon = await Pm2Daemon.start(node, network)
    const port = await freePort()
    const argument: CrashingArguments = { host: network.host, port, folder }
    const startAll = (): Promise<void> => daemon.startProgram(server, members, argument, restarts)
    const gone = new Set<number>()
    let isWithoutDaemon = false
    // A command of PM2 takes long, and is a program that starts: these say it themselves.
    const serving = (): number[] => servingIn(folder).filter((pid) => !gone.has(pid))
    try {
      await startAll()
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
    return {
      port,
      versions: daemon.versions,
      crash: async (victims) => {
        isWithoutDaemon = victims === 'the manager'
        const killed = victims === 'a member' ? pick(serving(), 1) : serving()
        if (isWithoutDaemon) process.kill(await daemon.pid(), 'SIGKILL')
        else for (const pid of killed) process.kill(pid, 'SIGUSR2')
        for (const pid of killed) gone.add(pid)
        return killed
      },
      block: () => Promise.reject(new Error('its workers are not told to block')),
      successors: async () => {
        if (isWithoutDaemon) {
          // Workers end when they notice that they have no primary, and have the port until then.
          for (const pid of gone) await untilGone(pid)
          await startAll()
        }
        const deadline = performance.now() + patience
        while (serving().length < members) {
          if (performance.now() > deadline) {
            throw new Error(`only ${serving().length} of ${members} workers serve`)
          }
          await delay(pause)
        }
      },
      [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
    }
  },
}
