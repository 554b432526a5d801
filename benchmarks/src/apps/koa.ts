import { once } from 'node:events'
import Koa from 'koa'
import type { App } from './app.js'

export const koaApp: App = {
  listen: async (routes, where, shared) => {
    const app = new Koa()
    app.use((context) => {
      context.body = routes[context.path]?.()
    })
    const listener = shared ? (await import('@reuse/koa')).reuse(app, shared) : app
    const server = listener.listen(where)
    await once(server, 'listening')
    return server
  },
}
