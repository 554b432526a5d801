import { fileURLToPath } from 'node:url'
import { freePort, until } from '@reuse/testkit'
import { untilGone } from '../harness/processes.js'
import { Pm2Daemon } from '../pm2-daemon.js'
import { pick } from '../restart/pick.js'
import type { CrashingArguments } from '../servers/crashing.js'
import { pm2 } from '../sides/pm2.js'
import { blockOne, crashAll } from './by-signal.js'
import type { CrashingSide } from './crashing-side.js'
import { whoSaid } from './sayings.js'

const server = fileURLToPath(new URL('../servers/crashing.js', import.meta.url))

/** Without this, PM2 gives up on a program that has died 16 times within a second of its start. */
const restarts = ['--max-restarts', '1000000']

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
    // A command of PM2 starts a program, which takes long: the workers report this themselves.
    const serving = (): number[] => whoSaid(folder, 'serves').filter((pid) => !gone.has(pid))
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
        else crashAll(killed)
        for (const pid of killed) gone.add(pid)
        return killed
      },
      block: async () => {
        isWithoutDaemon = false
        const pid = await blockOne(folder, serving())
        gone.add(pid)
        return pid
      },
      successors: async () => {
        if (isWithoutDaemon) {
          // Workers end when they notice that they have no primary, and keep the port until then.
          for (const pid of gone) await untilGone(pid)
          await startAll()
        }
        await until(() => serving().length >= members)
      },
      [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
    }
  },
}
