import autocannon from 'autocannon'
import { versionOf } from '../versions.js'
import type { Client } from './client.js'
import { refuseFailures } from './failures.js'

/** In JavaScript, so always available; it takes more CPU time than the servers do. */
export const autocannonClient: Client = {
  name: 'autocannon',
  version: versionOf('autocannon'),
  description: 'autocannon, which keeps its connections',
  run: async ({ host, ports }, { clients, seconds }) => {
    const url = ports.map((port) => `http://${host}:${port}/`)
    // It takes several addresses, but its types allow only one; and it takes only whole seconds.
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
