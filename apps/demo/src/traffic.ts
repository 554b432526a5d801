import http from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { host } from './port.js'

/** What became of one request: which program answered after how long, or why none did. */
export type Outcome = { program: string; ms: number } | { failure: string }

/** How long an answer may take, in ms. */
const patience = 5_000

/** One request, on its own connection: the kernel chooses a program for each connection. */
export function ask(port: number): Promise<Outcome> {
  const begin = performance.now()
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ failure: reason(error) })
    const request = http.get({ host, port, agent: false, timeout: patience }, (response) => {
      text(response).then((body) => resolve(read(response.statusCode, body, begin)), fail)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${patience / 1000} s`)))
    request.on('error', fail)
  })
}

function read(status: number | undefined, body: string, begin: number): Outcome {
  if (status !== 200) return { failure: `HTTP ${status}` }
  const [, program] = body.match(/"program":"(\w+)"/) ?? []
  if (program === undefined) return { failure: 'an answer from another program' }
  return { program, ms: performance.now() - begin }
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
}

function reason(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message
  return reasons[code] ?? code
}

const clients = 16

/** How long a client waits after a failure, in ms. */
const pause = 100

/**
 * Sends a number of requests, or keeps sending until the signal. Each client sends its next request
 * when it has its answer.
 */
export async function sendRequests(
  port: number,
  count: number,
  signal: AbortSignal,
  report: (outcome: Outcome) => void,
): Promise<void> {
  let left = count
  const client = async (): Promise<void> => {
    while (left > 0 && !signal.aborted) {
      left--
      const outcome = await ask(port)
      report(outcome)
      if ('failure' in outcome) await sleep(pause)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}
