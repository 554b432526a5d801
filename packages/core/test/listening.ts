import type dgram from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import type { TestContext } from 'node:test'
import { type Member, type ReuseOptions, setReuse } from '../src/index.js'

export { until } from '@reuse/testkit'

/** An HTTP server that shares its port and that ends with the test; it does not listen yet. */
export function sharedServer(
  t: TestContext,
  options?: ReuseOptions,
  answer = 'ok',
): { server: http.Server; member: Member } {
  const server = http.createServer((_, response) => {
    response.setHeader('connection', 'close').end(answer)
  })
  const member = setReuse(server, options)
  t.after(() => server.close())
  return { server, member }
}

/** Waits until a server listens, or fails with its error; returns the port. */
export async function listening(server: net.Server): Promise<number> {
  if (server.address() === null) await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return address.port
}

/** Waits until a UDP socket is bound, or fails with its error; returns the port. */
export async function bound(socket: dgram.Socket): Promise<number> {
  await once(socket, 'listening')
  return socket.address().port
}

/** The error that a server or socket emits. */
export async function failure(of: net.Server | dgram.Socket | net.Socket): Promise<SystemFailure> {
  const [error] = await once(of, 'error')
  return error
}

interface SystemFailure extends NodeJS.ErrnoException {
  address?: string
  port?: number
  hint?: string
}

/** Numbers that look random and can be repeated; xorshift32. */
export function generator(seed: number): () => number {
  let state = seed || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
