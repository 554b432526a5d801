import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Target {
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** The path of a Unix socket, in place of a port. */
  socketPath?: string
  path?: string
  /** The address to connect from. */
  localAddress?: string
  agent?: Agent
}

/**
 * One GET, on its own connection unless an agent keeps one. Resolves to the body.
 *
 * @throws if there is no answer, or if its status is not 200, with a code such as `HTTP 503`
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
 * If one request fails, the whole call fails.
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
