import autocannon from 'autocannon'
import { versionOf } from '../versions.js'
import type { Client } from './client.js'
import { refuseFailures } from './failures.js'

/** In JavaScript, and so always at hand; it takes more of the processors than the servers do. */
export const autocannonClient: Client = {
  name: 'autocannon',
  version: versionOf('autocannon'),
  description: 'autocannon, which keeps its connections',
  run: async ({ host, ports }, { clients, seconds }) => {
    const url = ports.map((port) => `http://${host}:${port}/`)
    // It takes several addresses, but its types know of one; and it knows whole seconds only.
    const options = {
      url: url as unknown as string,
      connections: clients,
      duration: Math.ceil(seconds),
    }
    const { requests, duration, non2xx, errors, timeouts } = await autocannon(options)
    refuseFailures({ 'of another status': non2xx, errors, timeouts })
    return { requests: requests.total, seconds: duration }
  },
}
