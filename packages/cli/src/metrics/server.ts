import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import type { Supervisor } from '@reuse/cli'
import type { Where } from '../arguments.js'
import { codeOf } from '../failure.js'
import { Metrics } from './registry.js'

/** Where metrics are served: a TCP address, or the path of a Unix socket. */
export type MetricsPlace = Where | { path: string }

/** So many may ask at once: any local user can. */
const mostConnections = 64

/** How long one may take to ask, in milliseconds. */
const patience = 5000

/**
 * Serves what monitoring asks of apps, until all of them have stopped:
 *
 * - `GET /metrics`: Prometheus' text format
 * - `GET /health`: 200 while each app has a worker that serves, else 503; for probes and load balancers
 *
 * @param stopped resolves when all of them have stopped
 * @throws a system error where it cannot listen
 */
export async function serveMetrics(
  supervisors: readonly Supervisor[],
  place: MetricsPlace,
  stopped: Promise<unknown>,
): Promise<void> {
  const metrics = new Metrics(supervisors)
  const answer = async (request: http.IncomingMessage): Promise<Answer> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return [405, plain, 'GET only\n']
    switch (request.url?.split('?')[0]) {
      case '/metrics':
        return [200, metrics.contentType, await metrics.text()]
      case '/health':
        return healthOf(supervisors)
      default:
        return [404, plain, 'There are /metrics and /health.\n']
    }
  }
  const server = http.createServer(
    { requestTimeout: patience, headersTimeout: patience, keepAliveTimeout: patience },
    (request, response) => {
      request.resume() // What comes with it is nothing to us.
      answer(request).then(
        ([status, type, text]) => response.writeHead(status, { 'content-type': type }).end(text),
        (error: Error) => response.writeHead(500).end(`${error.message}\n`),
      )
    },
  )
  server.maxConnections = mostConnections
  if ('path' in place) await removeStale(place.path)
  server.listen(
    'path' in place ? place.path : { port: place.port, host: place.host ?? '127.0.0.1' },
  )
  await once(server, 'listening')
  const close = (): unknown => server.close().closeAllConnections()
  stopped.then(close)
}

type Answer = [status: number, type: string, text: string]

const plain = 'text/plain; charset=utf-8'

function healthOf(supervisors: readonly Supervisor[]): Answer {
  const states = supervisors.map((supervisor) => {
    const { name, state, workers } = supervisor.status()
    const ready = workers.filter((worker) => worker.state === 'ready').length
    const text = `${name}: ${ready} of ${workers.length} workers serve\n`
    return { isHealthy: state === 'running' && ready > 0, text }
  })
  const isHealthy = states.every((one) => one.isHealthy)
  return [isHealthy ? 200 : 503, plain, states.map(({ text }) => text).join('')]
}

/** A manager that was killed leaves its socket behind; one that answers is another's, and so is what is no socket. */
async function removeStale(path: string): Promise<void> {
  if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  const socket = net.connect(path)
  try {
    await once(socket, 'connect')
  } catch (error) {
    if (codeOf(error) === 'ECONNREFUSED') fs.unlinkSync(path)
  } finally {
    socket.destroy()
  }
}
