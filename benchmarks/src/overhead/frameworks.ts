import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Framework } from '../apps/index.js'

const host = '127.0.0.1'
const body = 'hello'

/** An application that is ready to listen. Resolves when it does; port 0 is any. */
type Listen = (port: number) => Promise<Server>

/**
 * Imports a framework, alone or with its @reuse adapter, and resolves with a function that creates an
 * application. Imports nothing that the application does not use, because the imports are measured.
 */
export type Load = (shared: boolean) => Promise<() => Listen>

export const frameworks: Readonly<Record<Framework, Load>> = {
  http: async (shared) => {
    const { createServer } = await import('node:http')
    const core = shared ? await import('@reuse/core') : null
    return () => {
      const server = createServer((_, response) => response.end(body))
      return async (port) => {
        core?.setReuse(server)
        return listening(server.listen(port, host))
      }
    }
  },

  express: async (shared) => {
    const { default: express } = await import('express')
    const adapter = shared ? await import('@reuse/express') : null
    return () => {
      const app = express()
      app.get('/', (_, response) => {
        response.send(body)
      })
      return async (port) => listening((adapter?.reuse(app) ?? app).listen(port, host))
    }
  },

  fastify: async (shared) => {
    const { default: fastify } = await import('fastify')
    const adapter = shared ? await import('@reuse/fastify') : null
    return () => {
      const app = fastify()
      app.get('/', (_, reply) => {
        reply.send(body)
      })
      return async (port) => {
        if (adapter !== null) await app.register(adapter.reuse)
        await app.listen({ port, host })
        return app.server
      }
    }
  },

  koa: async (shared) => {
    const { default: Koa } = await import('koa')
    const adapter = shared ? await import('@reuse/koa') : null
    return () => {
      const app = new Koa()
      app.use((context) => {
        context.body = body
      })
      return async (port) => listening((adapter?.reuse(app) ?? app).listen(port, host))
    }
  },
}

async function listening(server: Server): Promise<Server> {
  await once(server, 'listening')
  return server
}
