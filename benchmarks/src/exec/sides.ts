/** One server, started directly and by `reuse exec`. Only the command line differs. */
import { fileURLToPath } from 'node:url'
import { freePort, request } from '@reuse/testkit'
import { whoPath } from '../apps/routes.js'
import { ForeignProgram } from '../foreign-program.js'
import type { RunningSide, Side, Start } from '../sides/side.js'
import { execCommand } from './command.js'

const server = fileURLToPath(new URL('server.js', import.meta.url))

type Launch = (node: string, program: readonly string[]) => readonly string[]

async function start({ node, network }: Start, launch: Launch): Promise<RunningSide> {
  const { host } = network
  const port = await freePort()
  const program = [node.program, server, JSON.stringify({ host, port })]
  const command = launch(node.program, program)
  const started = ForeignProgram.start(network.serverCommand([...command]))
  try {
    await started.until(() => request({ host, port }))
    const worker = Number(await request({ host, port, path: whoPath }))
    return {
      ports: [port],
      workers: [worker],
      others: worker === started.pid ? [] : [started.pid],
      [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
    }
  } catch (error) {
    await started[Symbol.asyncDispose]()
    throw error
  }
}

/** Not an alternative that anyone who shares a port could choose, and so in no list. */
export const bare: Side = {
  name: 'bare',
  title: 'the same without it',
  description: 'one server, started as usual',
  unavailable: () => null,
  start: (settings) => start(settings, (_, program) => program),
}

export const exec: Side = {
  name: 'exec',
  title: '@reuse exec',
  description: 'the same server, started by reuse exec',
  unavailable: () => null,
  start: (settings) => start(settings, execCommand),
}
