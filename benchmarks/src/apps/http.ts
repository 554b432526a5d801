import { once } from 'node:events'
import http from 'node:http'
import type { App } from './app.js'

export const bareHttp: App = {
  listen: async (routes, where, shared) => {
    const server = http.createServer((request, response) => {
      const answer = routes[request.url ?? '']
      if (answer === undefined) response.writeHead(404).end()
      else response.end(answer())
    })
    // Loaded only here: the other sides should not pay for it.
    if (shared) (await import('@reuse/core')).setReuse(server, shared)
    await once(server.listen(where), 'listening')
    return server
  },
}
