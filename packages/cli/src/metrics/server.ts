import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import type { Supervisor } from '@reuse/cli'
import type { Where } from '../arguments.js'
import { codeOf, Failure } from '../failure.js'
import { formatAddress } from '../output/names.js'
import { Metrics } from './registry.js'

/** Where metrics are served: a TCP address, or the path of a Unix socket. */
export type MetricsPlace = Where | { path: string }

/** How many clients may be connected at a time: any local user can connect. */
const mostConnections = 64

const localhost = '127.0.0.1'

/** How long a client may take to send its request, in milliseconds. */
const patience = 5000

/** How often to look for clients that have taken longer, in milliseconds: Node's default is 30 seconds. */
const checkInterval = 1000

/**
 * Serves what monitoring asks about apps:
 *
 * - `GET /metrics`: Prometheus' text format
 * - `GET /health`: 200 while each app has a worker that serves, else 503; for probes and load balancers
 *
 * It listens before the apps are started, so that a failure to listen is known before that. A client that
 * asks earlier waits for the answer.
 */
export class MetricsServer {
  readonly #server: http.Server
  readonly #place: MetricsPlace
  readonly #metrics: Promise<Metrics>
  #begin: (supervisors: readonly Supervisor[]) => void = () => {}

  private constructor(place: MetricsPlace) {
    this.#place = place
    this.#metrics = new Promise<readonly Supervisor[]>((resolve) => {
      this.#begin = resolve
    }).then((supervisors) => new Metrics(supervisors))
    this.#server = http.createServer(
      {
        ...{ requestTimeout: patience, headersTimeout: patience, keepAliveTimeout: patience },
        connectionsCheckingInterval: checkInterval,
      },
      (request, response) => {
        request.resume() // The body is ignored.
        this.#answer(request).then(
          ([status, type, text]) => response.writeHead(status, { 'content-type': type }).end(text),
          (error: Error) => response.writeHead(500).end(`${error.message}\n`),
        )
      },
    )
    this.#server.maxConnections = mostConnections
  }

  /** @throws Failure if it cannot listen there */
  static async listen(place: MetricsPlace): Promise<MetricsServer> {
    const metrics = new MetricsServer(place)
    try {
      await metrics.#listen()
    } catch (error) {
      throw failureOf(place, error)
    }
    return metrics
  }

  /** The apps have been started. */
  serve(supervisors: readonly Supervisor[]): void {
    this.#begin(supervisors)
  }

  close(): void {
    this.#server.close().closeAllConnections()
  }

  async #listen(): Promise<void> {
    const place = this.#place
    if ('path' in place) await removeStale(place.path)
    this.#server.listen(
      'path' in place ? place.path : { port: place.port, host: place.host ?? localhost },
    )
    await once(this.#server, 'listening')
    // The manager goes on with its work, whatever happens to its metrics.
    this.#server.on('error', () => {})
  }

  async #answer({ method, url }: http.IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return [405, plain, 'GET only\n']
    const metrics = await this.#metrics
    switch (url?.split('?')[0]) {
      case '/metrics':
        return [200, metrics.contentType, await metrics.text()]
      case '/health':
        return healthOf(metrics.supervisors)
      default:
        return [404, plain, 'There are /metrics and /health.\n']
    }
  }
}

function failureOf(place: MetricsPlace, error: unknown): unknown {
  if (!(error instanceof Error) || codeOf(error) === undefined) return error
  const { message } = error
  const where =
    'path' in place ? place.path : formatAddress({ ...place, address: place.host ?? localhost })
  const advice =
    'path' in place
      ? 'Choose another path: a folder that exists, and a name that nothing has yet.'
      : `'reuse explain ${where}' says who has the port.`
  return new Failure(`--metrics cannot be served on ${where}: ${message}. ${advice}`)
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

/** A killed manager leaves its socket behind. One that answers, or is not a socket, is somebody else's. */
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
