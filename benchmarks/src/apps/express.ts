import { once } from 'node:events'
import express from 'express'
import type { App } from './app.js'

export const expressApp: App = {
  listen: async (routes, where, shared) => {
    const app = express()
    for (const [path, answer] of Object.entries(routes)) {
      app.get(path, (_, response) => {
        response.send(answer())
      })
    }
    const listener = shared ? (await import('@reuse/express')).reuse(app, shared) : app
    const server = listener.listen(where)
    await once(server, 'listening')
    return server
  },
}
