import fastify from 'fastify'
import type { App } from './app.js'

export const fastifyApp: App = {
  listen: async (routes, where, shared) => {
    const app = fastify()
    if (shared) await app.register((await import('@reuse/fastify')).reuse, shared)
    for (const [path, answer] of Object.entries(routes)) {
      app.get(path, (_, reply) => {
        reply.send(answer())
      })
    }
    await app.listen(where)
    return app.server
  },
}
