import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Fixture, freePort, startFixture, until } from '@reuse/testkit'

export const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

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
  node = process.execPath,
): Fixture {
  return startFixture(t, [node, main, ...args], { env: { ...env, PORT: String(port) } })
}

/** Starts the demo and waits until its page is there. */
export async function startPage(t: Pick<TestContext, 'after'>, node = process.execPath) {
  const port = await freePort()
  const demo = startDemo(t, [], port, {}, node)
  const url = await pageOf(demo)
  return { demo, port, url, pids: readTable(demo.output).map(({ pid }) => pid) }
}

/** Waits for the address of the page, which comes when all programs run. */
export function pageOf(demo: Fixture): Promise<string> {
  return until(() => {
    if (!demo.running) throw new Error(`the demo ended:\n${demo.output}`)
    return demo.output.match(/^ +(http:\S+)$/m)?.[1]
  })
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
