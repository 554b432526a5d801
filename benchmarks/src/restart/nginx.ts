import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { endWithThis } from '../ending.js'
import { nodeCommand, Program } from '../program.js'
import type { RestartingArguments } from '../servers/restarting.js'
import { Nginx, nginx } from '../sides/nginx.js'
import { pick } from './pick.js'
import type { RestartingSide } from './restarting-side.js'

/** A server behind the proxy. */
interface Member {
  socket: string
  program: Program
}

export const restartingNginx: RestartingSide = {
  side: nginx,
  description:
    'a new process on another socket, nginx -s reload, and then server.close() of the old one',
  start: async ({ node, network, members }) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-nginx-'))
    const running = new Set<Member>()
    let proxy: Nginx | undefined
    let count = 0
    const all = endWithThis({
      [Symbol.asyncDispose]: async () => {
        await proxy?.[Symbol.asyncDispose]()
        await Promise.all([...running].map(({ program }) => program[Symbol.asyncDispose]()))
        await rm(folder, { recursive: true, force: true })
      },
    })
    const begin = async (): Promise<void> => {
      const socket = path.join(folder, `${count++}.sock`)
      const argument: RestartingArguments = {
        ...{ sharing: 'proxy', host: network.host, port: 0 },
        path: socket,
      }
      const command = nodeCommand(node.program, './servers/restarting.js', argument)
      const member = { socket, program: new Program(network.serverCommand(command)) }
      running.add(member)
      await member.program.hear<number>('ready')
    }
    const sockets = (): string[] => [...running].map(({ socket }) => socket)
    try {
      await Promise.all(Array.from({ length: members }, begin))
      const front = await Nginx.start(network, folder, sockets())
      proxy = front
      return {
        port: front.port,
        versions: front.versions,
        restart: async (atOnce) => {
          const leavers = pick([...running], atOnce)
          for (const leaver of leavers) running.delete(leaver)
          await Promise.all(leavers.map(begin))
          await front.reload(sockets())
          const leaves = await Promise.all(
            leavers.map(async ({ program }) => {
              const time = await program.ask<number>('leave')
              await program.exit()
              return time
            }),
          )
          return { replaced: leavers.length, leaves }
        },
        [Symbol.asyncDispose]: () => Promise.resolve(all[Symbol.asyncDispose]()),
      }
    } catch (error) {
      await all[Symbol.asyncDispose]()
      throw error
    }
  },
}
