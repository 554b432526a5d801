import { fileURLToPath } from 'node:url'
import { backlog } from '../apps/app.js'
import type { MemberArguments } from '../apps/member.js'
import { ManagedApp } from '../managed-app.js'
import { reuse } from './reuse.js'
import type { Side, Start } from './side.js'

const server = fileURLToPath(new URL('../apps/member.js', import.meta.url))

export const reuseRun: Side = {
  name: 'reuse-run',
  title: 'reuse run',
  description: 'a server that nobody changed, several times, under reuse run',
  unavailable: (node) =>
    process.platform === 'linux' ? reuse.unavailable(node) : 'reuse run needs Linux',
  start: async (start) => {
    const app = await startManaged(start)
    return {
      ports: [app.port],
      workers: await app.workers(),
      others: [app.pid],
      [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
    }
  },
}

/** The application that all sides run, under `reuse run`. */
export async function startManaged({ framework, handler, ...start }: Start): Promise<ManagedApp> {
  const programFor = (port: number): string[] => {
    const member: MemberArguments = {
      ...{ framework, handler },
      where: { host: start.network.host, port, backlog },
    }
    return [server, JSON.stringify(member)]
  }
  return ManagedApp.start({ ...start, programFor })
}
