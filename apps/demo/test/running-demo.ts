import { once } from 'node:events'
import net from 'node:net'
import type { TestContext } from 'node:test'
import { type Fixture, startNode } from '@reuse/testkit'
import { until } from './until.js'

const main = new URL('../src/main.js', import.meta.url)

export interface Row {
  program: string
  pid: number
  requests: number
  share: number
  queue: string
}

/** Starts the real demo. */
export function startDemo(
  t: Pick<TestContext, 'after'>,
  args: string[],
  port: number | string,
  env: NodeJS.ProcessEnv = {},
): Fixture {
  return startNode(t, main, { args, env: { ...env, PORT: String(port) } })
}

/** Starts the demo and waits until its page is there. */
export async function startPage(t: Pick<TestContext, 'after'>) {
  const port = await freePort()
  const demo = startDemo(t, [], port)
  const url = await until('the address of the page', () => {
    if (!demo.running) throw new Error(`the demo ended:\n${demo.output}`)
    return demo.output.match(/^ +(http:\S+)$/m)?.[1]
  })
  return { demo, port, url, pids: readTable(demo.output).map(({ pid }) => pid) }
}

/** A port that nobody holds now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Reads the table that the demo prints. */
export function readTable(output: string): Row[] {
  const rows = output.matchAll(/^│ (\w+) +│ +(\d+) │ +(\d+) │ +([\d.]+) % │ +(.*?) │$/gm)
  return [...rows].map(([, program = '', pid, requests, share, queue = '']) => ({
    program,
    pid: Number(pid),
    requests: Number(requests),
    share: Number(share),
    queue,
  }))
}
