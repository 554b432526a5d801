import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Type from 'typebox'
import Value from 'typebox/value'
import type { Answers, Client, Load, Target } from './client.js'
import { refuseFailures } from './failures.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../../native/wrk.lua', import.meta.url))

/** Longer than a request waits in any queue here, so that a full queue is not a failure. */
const timeout = '30s'

/** What wrk.lua prints, after what wrk does. */
const Output = Type.Object({
  requests: Type.Integer(),
  seconds: Type.Number(),
  connect: Type.Integer(),
  read: Type.Integer(),
  write: Type.Integer(),
  status: Type.Integer(),
  timeout: Type.Integer(),
})

/** wrk(1), or `null` if it is not installed. */
export function findWrk(): Client | null {
  // wrk has no better way to report its version, and this one exits with 1.
  const { stdout } = spawnSync('wrk', ['-v'], { encoding: 'utf8' })
  const [, version] = /^wrk (?:\w+\/)?([\d.]+)/.exec(stdout ?? '') ?? []
  if (version === undefined) return null
  return { name: 'wrk', version, description: 'wrk, which keeps its connections', run: load }
}

async function load(
  { host, ports }: Target,
  { clients, seconds, threads }: Load,
): Promise<Answers> {
  const options = [
    ...['--threads', String(threads)],
    ...['--connections', String(clients)],
    ...['--duration', `${Math.ceil(seconds)}s`],
    ...['--timeout', timeout],
    ...['--script', script],
  ]
  const wrk = run('wrk', [...options, `http://${host}:${ports[0]}/`], {
    env: { ...process.env, BENCH_PORTS: ports.join(' ') },
  })
  // wrk takes only whole seconds, but ends properly before they are over when it is told to.
  const end = setTimeout(() => wrk.child.kill('SIGINT'), seconds * 1000)
  const { stdout } = await wrk.finally(() => clearTimeout(end))
  const { requests, seconds: took, ...failed } = Value.Parse(Output, lastLine(stdout))
  refuseFailures(failed)
  return { requests, seconds: took }
}

function lastLine(output: string): unknown {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}
