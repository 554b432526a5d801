import type { Server } from 'node:net'
import { memberOf } from '@reuse/core'
import type { FastifyInstance } from 'fastify'

/**
 * Makes the application leave its group before it closes. Fastify answers 503 from the first moment
 * of its close, before it stops listening, to clients that another member could have served.
 *
 * @param further the servers that it has beside the main one
 */
export function leaveBeforeClose(app: FastifyInstance, further: ReadonlySet<Server>): void {
  const leaveAll = async (): Promise<void> => {
    const deadline = performance.now() + app.reuse.leaveTimeout
    // Fastify closes them, and cuts their idle connections, when the main server has closed.
    await Promise.all(Array.from(further, (server) => leave(server, deadline)))
    await leave(app.server, deadline)
  }
  // What is to be done on close is done in the reverse order of its registration, and Fastify
  // registers its own part when all plugins are loaded: so this goes before it.
  app.addHook('onReady', async () => {
    app.addHook('onClose', leaveAll)
  })
}

/** Comes back when all connections have ended, but those that have not in time are Fastify's. */
async function leave(server: Server, deadline: number): Promise<void> {
  const member = memberOf(server)
  if (member === undefined || member.address() === null) return
  const closed = new Promise((resolve) => server.once('close', resolve))
  const { successors } = await member.leave()
  if (successors === 0) return // Nobody could have served what still comes.
  const timeout = new Promise((resolve) =>
    setTimeout(resolve, deadline - performance.now()).unref(),
  )
  await Promise.race([closed, timeout])
}
