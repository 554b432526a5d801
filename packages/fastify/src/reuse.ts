import type { Server } from 'node:net'
import { type Member, type ReuseOptions, setReuse, shareServers } from '@reuse/core'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** This program's place in the group that shares its port. */
    reuse: Member
  }
}

/**
 * Lets a Fastify application share its port: register it anywhere, then `app.listen` as ever.
 * Decorates the application with `app.reuse`, the member of its main server.
 */
async function plugin(app: FastifyInstance, options: ReuseOptions): Promise<void> {
  app.decorate('reuse', setReuse(app.server, options))

  // Without a host Fastify listens on every address of localhost. For those after the first it
  // makes further servers once the main one listens, with the same request handler, and it ignores
  // it when one of them fails.
  let stop = (): void => {}
  app.server.once('listening', () => {
    stop = shareServers(options, (server) => {
      if (!isServerOf(app, server)) return false
      server.once('error', (error) => app.log.warn(error, 'one address of localhost is missing'))
      return true
    })
  })
  app.addHook('onListen', async () => stop())
  app.addHook('onClose', async () => stop())
}

function isServerOf(app: FastifyInstance, server: Server): boolean {
  const [handler] = app.server.listeners('request')
  return handler !== undefined && server.listeners('request').includes(handler)
}

export const reuse = fp(plugin, { name: '@reuse/fastify', fastify: '5.x' })
