import { once } from 'node:events'
import http from 'node:http'
import { setReuse } from '@reuse/core'
import type { App } from './app.js'

export const bareHttp: App = {
  listen: async (routes, where, shared) => {
    const server = http.createServer((request, response) => {
      const answer = routes[request.url ?? '']
      if (answer === undefined) response.writeHead(404).end()
      else response.end(answer())
    })
    if (shared) setReuse(server)
    await once(server.listen(where), 'listening')
    return server
  },
}
