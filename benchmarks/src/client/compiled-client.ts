import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Type from 'typebox'
import Value from 'typebox/value'
import { compile } from '../compile.js'
import type { Answers, Client, Load, Target } from './client.js'
import { refuseFailures } from './failures.js'

const run = promisify(execFile)

/** What clients.c prints. */
const Output = Type.Object({
  requests: Type.Integer(),
  seconds: Type.Number(),
  connect: Type.Integer(),
  read: Type.Integer(),
  wrong: Type.Integer(),
})

/** Our own client, in C, with one thread; `null` if there is no compiler, or this is not Linux. */
export async function compileClient(connections: 'kept' | 'new'): Promise<Client | null> {
  if (process.platform !== 'linux') return null
  const program = await compile('clients').catch(() => null)
  if (program === null) return null
  const way = { kept: 'connections are kept', new: 'a new connection for each request' }
  return {
    name: 'clients.c',
    version: '1',
    description: `native/clients.c, ${way[connections]}`,
    run: (target, load) => measure(program, connections, target, load),
  }
}

async function measure(
  program: string,
  connections: 'kept' | 'new',
  { host, ports }: Target,
  { clients, seconds }: Load,
): Promise<Answers> {
  const args = [connections, host, ports.join(','), String(clients), String(seconds)]
  const { stdout } = await run(program, args)
  const { requests, seconds: took, ...failed } = Value.Parse(Output, JSON.parse(stdout))
  refuseFailures(failed)
  return { requests, seconds: took }
}
