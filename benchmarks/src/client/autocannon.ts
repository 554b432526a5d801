import autocannon from 'autocannon'
import { versionOf } from '../versions.js'
import type { Client } from './client.js'
import { refuseFailures } from './failures.js'

/** In JavaScript, and so always at hand; it takes more of the processors than the servers do. */
export const keptByAutocannon = client('autocannon, which keeps its connections', {})

export const newByAutocannon = client('autocannon, a new connection for each request', {
  reconnectRate: 1,
  headers: { connection: 'close' },
})

function client(description: string, options: Partial<autocannon.Options>): Client {
  return {
    name: 'autocannon',
    version: versionOf('autocannon'),
    description,
    run: async ({ host, ports }, { clients, seconds }) => {
      const url = ports.map((port) => `http://${host}:${port}/`)
      const load = { ...options, url, connections: clients, duration: seconds }
      // Its types do not know that there may be several addresses; its manual does.
      const result = await autocannon(load as unknown as autocannon.Options)
      const { requests, duration, non2xx, errors, timeouts } = result
      refuseFailures({ 'of another status': non2xx, errors, timeouts })
      return { requests: requests.total, seconds: duration }
    },
  }
}
