import { fileURLToPath } from 'node:url'
import { backlog } from '../apps/app.js'
import type { MemberArguments } from '../apps/member.js'
import { ManagedApp } from '../managed-app.js'
import { reuse } from './reuse.js'
import type { RunningSide, Side, Start } from './side.js'

const server = fileURLToPath(new URL('../apps/member.js', import.meta.url))

export const reuseRun: Side = {
  name: 'reuse-run',
  title: '@reuse run',
  description: 'an unchanged server, several times, under reuse run',
  unavailable: (node) =>
    process.platform === 'linux' ? reuse.unavailable(node) : 'reuse run needs Linux',
  start: async (start) => sideOf(await startManaged(start)),
}

/** Cannot be chosen by name, and so in no list: it is measured along with `reuse run` where needed. */
export const reuseRunBalanced: Side = {
  name: 'reuse-run-balanced',
  title: '@reuse run --balance',
  description: 'the same with weights that follow how busy the workers are',
  unavailable: (node) => reuseRun.unavailable(node),
  start: async (start) => sideOf(await startManaged(start, ['--balance'])),
}

async function sideOf(app: ManagedApp): Promise<RunningSide> {
  return {
    ports: [app.port],
    workers: await app.workers(),
    others: [app.pid],
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** The application that all sides run, under `reuse run`. */
export async function startManaged(
  { framework, handler, ...start }: Start,
  options: readonly string[] = [],
): Promise<ManagedApp> {
  const programFor = (port: number): string[] => {
    const member: MemberArguments = {
      ...{ framework, handler },
      where: { host: start.network.host, port, backlog },
    }
    return [server, JSON.stringify(member)]
  }
  return ManagedApp.start({ ...start, options, programFor })
}
