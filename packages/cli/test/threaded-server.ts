/** Programs whose threads share a port, for the tests of `reuse run --threads`. */
import { request, until } from '@reuse/testkit'

/** An unchanged CommonJS program: it answers with its process and thread, or with its arguments. */
export function threadedText(port: number, more = ''): string {
  return `const http = require('node:http')
const { threadId } = require('node:worker_threads')
const server = http.createServer((request, response) => {
  response.setHeader('connection', 'close')
  if (request.url === '/throw') throw new Error('thrown in ' + threadId)
  if (request.url === '/block') while (true);
  if (request.url === '/argv') response.end(JSON.stringify(process.argv.slice(1)))
  else response.end(process.pid + ' ' + threadId)
}).listen(${port}, '127.0.0.1')
${more}
`
}

export function threadedModuleText(port: number): string {
  return threadedText(port)
    .replace(/^const http = .*$/m, "import http from 'node:http'")
    .replace(/^const \{ threadId.*$/m, "import { threadId } from 'node:worker_threads'")
}

/** Sends requests to a port until this many different threads have answered; returns their answers. */
export function untilAnswerers(port: number, count: number): Promise<Set<string>> {
  return untilHeard(port, (heard) => heard.size >= count)
}

/** Sends requests until a thread answers that is not in `before`; returns all answers until then. */
export function untilNewAnswerer(port: number, before: ReadonlySet<string>): Promise<Set<string>> {
  return untilHeard(port, (heard) => [...heard].some((answer) => !before.has(answer)))
}

async function untilHeard(
  port: number,
  isEnough: (heard: ReadonlySet<string>) => boolean,
): Promise<Set<string>> {
  const heard = new Set<string>()
  await until(
    async () => {
      heard.add(await request({ port }))
      return isEnough(heard)
    },
    () => `only these have answered: ${[...heard].join(', ')}`,
  )
  return heard
}
