import type { Server } from 'node:net'
import { memberOf } from '@reuse/core'
import type { FastifyInstance } from 'fastify'

/**
 * Makes the application leave its group before it closes. As soon as Fastify begins to close, and
 * before it stops listening, it answers 503 to clients that another member could have served.
 *
 * @param further the servers of the application other than the main one
 */
export function leaveBeforeClose(app: FastifyInstance, further: ReadonlySet<Server>): void {
  const leaveAll = async (): Promise<void> => {
    const { leaveTimeout } = app.reuse
    // First, because Fastify closes these servers and their idle connections when the main server has closed.
    await Promise.all(Array.from(further, (server) => leave(server, leaveTimeout)))
    await leave(app.server, leaveTimeout)
  }
  // onClose hooks run in the reverse order of their registration, and Fastify registers its own when
  // all plugins are loaded: so this one runs before it.
  app.addHook('onReady', async () => {
    app.addHook('onClose', leaveAll)
  })
}

/**
 * Resolves when all connections have ended, or after `patience` milliseconds: Fastify handles those that
 * remain.
 */
async function leave(server: Server, patience: number): Promise<void> {
  const deadline = performance.now() + patience
  const member = memberOf(server)
  if (member === undefined || member.address() === null) return
  const closed = new Promise((resolve) => server.once('close', resolve))
  const { successors } = await member.leave()
  if (successors === 0) return // Nobody could have served what still comes.
  const timeout = new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, deadline - performance.now())).unref(),
  )
  await Promise.race([closed, timeout])
}
