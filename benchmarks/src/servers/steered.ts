/**
 * A member of a steered group: node steered.js '{ "host": …, "port": …, "reuse": {} }'. It counts
 * the clients it serves.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ReuseOptions, type SteeringPolicy, setReuse } from '@reuse/core'
import { argument, onCommand, say } from '../program-side.js'

export interface SteeredArguments {
  host: string
  port: number
  reuse: ReuseOptions
}

export interface Served {
  connections: number
  /** From how many different client addresses. */
  addresses: number
}

const { host, port, reuse } = argument<SteeredArguments>()
const addresses = new Set<string>()
let connections = 0
const server = http.createServer((request, response) => {
  connections++
  addresses.add(request.socket.remoteAddress ?? 'gone')
  response.end('hello')
})
// This measures which member the filter chooses, not which one serves a connection that has waited.
const member = setReuse(server, { rescue: false, ...reuse })
server.listen(port, host, () => say('ready', (server.address() as AddressInfo).port))

onCommand({
  steer: async (policy: SteeringPolicy) => {
    await member.steer(policy)
    say('steer')
  },
  /** The clients that came since this was last asked. */
  visitors: () => {
    say('visitors', [...addresses])
    addresses.clear()
  },
  leave: () => {
    server.close(() => {
      say('leave')
      process.disconnect()
    })
  },
  served: () => say('served', { connections, addresses: addresses.size } satisfies Served),
})
