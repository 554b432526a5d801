import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Type from 'typebox'
import Value from 'typebox/value'
import { compile } from '../compile.js'
import type { Client, Load, Target } from './client.js'
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

/** Our own, in C; `null` where there is no compiler or no Linux. */
export async function compileClient(): Promise<Client | null> {
  if (process.platform !== 'linux') return null
  const program = await compile('clients').catch(() => null)
  if (program === null) return null
  return {
    name: 'clients.c',
    version: '1',
    description: 'native/clients.c, a new connection for each request',
    run: (target, load) => measure(program, target, load),
  }
}

async function measure(program: string, { host, ports }: Target, { clients, seconds }: Load) {
  const { stdout } = await run(program, [host, ports.join(','), String(clients), String(seconds)])
  const { requests, seconds: took, ...failed } = Value.Parse(Output, JSON.parse(stdout))
  refuseFailures(failed)
  return { requests, seconds: took }
}
