import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '@reuse/testkit'
import Type from 'typebox'
import Value from 'typebox/value'
import { backlog } from '../apps/app.js'
import type { MemberArguments } from '../apps/member.js'
import { endWithThis } from '../ending.js'
import { versionOf } from '../versions.js'
import type { RunningSide, Side, Start } from './side.js'

const run = promisify(execFile)
const program = createRequire(import.meta.url).resolve('pm2/bin/pm2')

/** How long the processes may take until they listen, in milliseconds. */
const patience = 30_000

const Processes = Type.Array(Type.Object({ pid: Type.Integer() }))

export const pm2: Side = {
  name: 'pm2',
  title: 'PM2 cluster',
  description: "PM2's cluster mode: its daemon is the primary of a node:cluster",
  unavailable: () => (process.platform === 'win32' ? 'PM2 is measured on Unix only' : null),
  start: startPm2,
}

/** With a home of its own, so that it has a daemon of its own, and no other is touched. */
async function startPm2(start: Start): Promise<RunningSide> {
  const { node, framework, handler, members, network } = start
  const home = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-pm2-'))
  const pm2 = async (...args: string[]): Promise<string> => {
    const [file = '', ...rest] = network.serverCommand([node.program, program, ...args])
    // Its daemon is run by the Node that the PATH names.
    const PATH = `${path.dirname(node.program)}${path.delimiter}${process.env.PATH}`
    const { stdout } = await run(file, rest, { env: { ...process.env, PATH, PM2_HOME: home } })
    return stdout
  }
  // The daemon is made to outlive whoever starts it.
  const daemon = endWithThis({
    [Symbol.asyncDispose]: async () => {
      await pm2('kill')
      await rm(home, { recursive: true })
    },
  })
  try {
    const port = await freePort()
    const member: MemberArguments = {
      framework,
      handler,
      where: { host: network.host, port, backlog },
    }
    const file = fileURLToPath(new URL('../apps/member.js', import.meta.url))
    // Without these it comes back when the processes are there, whether they listen or not.
    const wait = ['--wait-ready', '--listen-timeout', String(patience)]
    const instances = ['--instances', String(members)]
    await pm2('start', file, ...instances, ...wait, '--', JSON.stringify(member))
    const processes = Value.Parse(Processes, JSON.parse(await pm2('jlist')))
    const daemonPid = Number(await readFile(path.join(home, 'pm2.pid'), 'utf8'))
    return {
      ports: [port],
      workers: processes.map(({ pid }) => pid),
      others: [daemonPid],
      versions: { pm2: versionOf('pm2') },
      [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
    }
  } catch (error) {
    await daemon[Symbol.asyncDispose]()
    throw error
  }
}
