import { fileURLToPath } from 'node:url'
import { nodeCommand, Program } from '../program.js'
import type { ServerArguments, ServerReady } from './server.js'

/** Starts a fresh program, and resolves with how long its start took. */
export async function startUp(node: string, side: ServerArguments): Promise<ServerReady> {
  await using server = new Program(nodeCommand(node, './overhead/server.js', side))
  return await server.hear<ServerReady>('ready')
}

/** The Node options that make an unchanged program share its port. */
const registered = ['--import', fileURLToPath(import.meta.resolve('@reuse/core/register'))]

/** Starts a fresh, unchanged program, and resolves with the milliseconds until it listens. */
export async function startUnchanged(node: string, shared: boolean): Promise<number> {
  const side: ServerArguments = { framework: 'http', shared: false, port: 0 }
  const [program = '', ...rest] = nodeCommand(node, './overhead/server.js', side)
  const start = performance.now()
  await using server = new Program([program, ...(shared ? registered : []), ...rest])
  await server.hear<ServerReady>('ready')
  return performance.now() - start
}

/** Starts a server that shares its port, for others to join until it is disposed of. */
export async function startGroup(node: string): Promise<AsyncDisposable & { port: number }> {
  const side: ServerArguments = { framework: 'http', shared: true, port: 0 }
  const server = new Program(nodeCommand(node, './overhead/server.js', side))
  try {
    const { port } = await server.hear<ServerReady>('ready')
    return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}
