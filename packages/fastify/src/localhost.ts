import type { Server } from 'node:net'
import { type ReuseOptions, shareServers } from '@reuse/core'
import type { FastifyInstance } from 'fastify'

/**
 * Without a host, Fastify listens on every address of localhost. For each address after the first it
 * creates a further server once the main one listens, with the same request handler, and it ignores
 * the failure of such a server. This shares the further servers too.
 *
 * @returns the further servers; each is added when it listens
 */
export function shareFurtherAddresses(
  app: FastifyInstance,
  options: ReuseOptions,
): ReadonlySet<Server> {
  const further = new Set<Server>()
  let stop = (): void => {}
  app.server.once('listening', () => {
    stop = shareServers(options, (server) => {
      if (!isServerOf(app, server)) return false
      server.once('error', (error) =>
        app.log.warn(error, 'cannot listen on one of the addresses of localhost'),
      )
      further.add(server)
      return true
    })
  })
  app.addHook('onListen', async () => stop())
  app.addHook('onClose', async () => stop())
  return further
}

function isServerOf(app: FastifyInstance, server: Server): boolean {
  const [handler] = app.server.listeners('request')
  return handler !== undefined && server.listeners('request').includes(handler)
}
