import { once } from 'node:events'
import { reuse } from '@reuse/koa'
import Koa from 'koa'
import type { App } from './app.js'

export const koaApp: App = {
  listen: async (routes, where, shared) => {
    const app = new Koa()
    app.use((context) => {
      context.body = routes[context.path]?.()
    })
    const server = (shared ? reuse(app) : app).listen(where)
    await once(server, 'listening')
    return server
  },
}
