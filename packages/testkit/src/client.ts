import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Target {
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** Of a Unix socket, in place of a port. */
  socketPath?: string
  path?: string
  /** The address to connect from. */
  localAddress?: string
  agent?: Agent
}

/**
 * One GET, on a connection of its own unless an agent keeps one. Gives the body.
 *
 * @throws where there is no answer, or one of another status than 200, with the code `HTTP 503`
 */
export async function request({ agent, ...target }: Target): Promise<string> {
  const options = { host: '127.0.0.1', ...target, agent: agent ?? new Agent({ keepAlive: false }) }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(options, resolve).once('error', reject).end()
  })
  const body = await text(response)
  if (response.statusCode === 200) return body
  const code = `HTTP ${response.statusCode}`
  throw Object.assign(new Error(`${code}: ${body}`), { code })
}

/**
 * Sends requests on new connections, a few at a time, and counts the answers by their body.
 * One failed request fails the whole.
 */
export async function countAnswers(target: Target, requests: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let left = requests
  const client = async (): Promise<void> => {
    while (left > 0) {
      left--
      const answer = await request(target)
      counts.set(answer, (counts.get(answer) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  return counts
}
