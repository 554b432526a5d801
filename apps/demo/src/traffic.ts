import http from 'node:http'
import { text } from 'node:stream/consumers'
import { host } from './port.js'

/** What became of one request: the name of the program that answered, or why none did. */
export type Outcome = { program: string } | { failure: string }

/** How long an answer may take, in ms. */
const patience = 2_000

/** One request, on a connection of its own: the kernel chooses a program for each connection. */
export function ask(port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ failure: reason(error) })
    const request = http.get({ host, port, agent: false, timeout: patience }, (response) => {
      text(response).then((body) => resolve(read(response.statusCode, body)), fail)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${patience / 1000} s`)))
    request.on('error', fail)
  })
}

function read(status: number | undefined, body: string): Outcome {
  if (status !== 200) return { failure: `HTTP ${status}` }
  const [, program] = body.match(/"program":"(\w+)"/) ?? []
  return program === undefined ? { failure: 'an answer of a stranger' } : { program }
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

/** Sends a number of requests, a few at a time. */
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
      report(await ask(port))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

/** A program that hangs must not make the client pile up sockets. */
const mostInFlight = 256

/** Sends requests at a steady rate until the signal, and waits for their ends. */
export async function keepSending(
  port: number,
  perSecond: number,
  signal: AbortSignal,
  report: (outcome: Outcome) => void,
): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  const timer = setInterval(() => {
    if (inFlight.size >= mostInFlight) return
    const request = ask(port).then((outcome) => {
      inFlight.delete(request)
      report(outcome)
    })
    inFlight.add(request)
  }, 1000 / perSecond)
  await aborted(signal)
  clearInterval(timer)
  await Promise.all(inFlight)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
