/**
 * Makes a new connection for each request, as native/clients.c does, in JavaScript:
 * node connecting.js '{ "target": …, "load": … }'.
 */
import { Connection } from '../load/connection.js'
import { countFailure } from '../load/tally.js'
import { fewAddresses } from '../network/client-address.js'
import { argument, onCommand, say } from '../program-side.js'
import type { Load, Target } from './client.js'

export interface ConnectingArguments {
  target: Target
  load: Load
}

export interface ConnectingReport {
  requests: number
  seconds: number
  failed: Record<string, number>
}

const { target, load } = argument<ConnectingArguments>()
const report: ConnectingReport = { requests: 0, seconds: 0, failed: {} }
const clients = { network: '127.1', count: fewAddresses }
const start = performance.now()
let left = load.clients

function request(port: number): void {
  const connection = new Connection(
    { host: target.host, port, clients },
    {
      connected: () => connection.request('close'),
      answered: () => report.requests++,
      over: (failure) => {
        if (failure !== null) countFailure(report.failed, failure)
        report.seconds = (performance.now() - start) / 1000
        if (report.seconds < load.seconds) request(port)
        else if (--left === 0) say('report', report)
      },
    },
  )
}

for (let i = 0; i < load.clients; i++) request(target.ports[i % target.ports.length] ?? 0)
onCommand({})
