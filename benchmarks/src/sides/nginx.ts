import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '@reuse/testkit'
import { backlog } from '../apps/app.js'
import { endWithThis } from '../ending.js'
import { ForeignProgram } from '../foreign-program.js'
import { childrenOf } from '../harness/processes.js'
import type { Network } from '../network/network.js'
import { startMembers } from './members.js'
import type { RunningSide, Side, Start } from './side.js'

export const nginx: Side = {
  name: 'nginx',
  title: 'nginx in front',
  description: 'nginx as a proxy, with kept connections to processes on Unix sockets',
  unavailable: () => (version() === null ? 'nginx is not installed' : null),
  start: startNginx,
}

async function startNginx(start: Start): Promise<RunningSide> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-nginx-'))
  const parts: AsyncDisposable[] = [
    { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) },
  ]
  const all = endWithThis({
    [Symbol.asyncDispose]: async () => {
      for (const part of parts.splice(0).reverse()) await part[Symbol.asyncDispose]()
    },
  })
  try {
    const sockets = Array.from({ length: start.members }, (_, i) => path.join(folder, `${i}.sock`))
    const members = await startMembers(
      start,
      sockets.map((socket) => ({ where: { path: socket, backlog } })),
    )
    parts.push(members)

    const proxy = await Nginx.start(start.network, folder, sockets)
    parts.push(proxy)
    const { port, versions } = proxy
    const { workers } = members
    const end = (): PromiseLike<void> => all[Symbol.asyncDispose]()
    return { ports: [port], workers, others: [proxy.pid], versions, [Symbol.asyncDispose]: end }
  } catch (error) {
    await all[Symbol.asyncDispose]()
    throw error
  }
}

/** A separate nginx, in front of servers on Unix sockets. */
export class Nginx implements AsyncDisposable {
  readonly port: number
  readonly versions = { nginx: version() ?? 'unknown' }
  readonly #address: string
  readonly #folder: string
  readonly #program: ForeignProgram

  private constructor(port: number, address: string, folder: string, program: ForeignProgram) {
    this.port = port
    this.#address = address
    this.#folder = folder
    this.#program = program
  }

  /** Resolves when nginx serves. @param folder where nginx may write */
  static async start(network: Network, folder: string, sockets: readonly string[]): Promise<Nginx> {
    const { host } = network
    const port = await freePort()
    const address = `${host}:${port}`
    await configure(folder, address, sockets)
    const command = ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
    const program = ForeignProgram.start(network.serverCommand(command))
    const proxy = new Nginx(port, address, folder, program)
    try {
      await proxy.#hasNewWorkers(new Set())
      return proxy
    } catch (error) {
      await program[Symbol.asyncDispose]()
      throw error
    }
  }

  get pid(): number {
    return this.#program.pid
  }

  /** Makes nginx use other sockets from now on, as `nginx -s reload` does; resolves when it does. */
  async reload(sockets: readonly string[]): Promise<void> {
    const before = new Set(childrenOf(this.pid))
    await configure(this.#folder, this.#address, sockets)
    process.kill(this.pid, 'SIGHUP')
    await this.#hasNewWorkers(before)
  }

  /** When it has new workers, nginx listens. Its address may be in a network other than this program's. */
  async #hasNewWorkers(before: ReadonlySet<number>): Promise<void> {
    await this.#program.until(async () => {
      const isNew = childrenOf(this.pid).some((pid) => !before.has(pid))
      if (!isNew) throw new Error('it has no new workers')
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]()
  }
}

async function configure(
  folder: string,
  address: string,
  sockets: readonly string[],
): Promise<void> {
  await writeFile(path.join(folder, 'nginx.conf'), configuration(address, sockets))
}

function version(): string | null {
  const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' })
  return /nginx\/(\S+)/.exec(stderr ?? '')?.[1] ?? null
}

/** As nginx's manual advises for a proxy: one worker per processor, no log, and kept connections. */
function configuration(address: string, sockets: readonly string[]): string {
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid nginx.pid;
worker_processes auto;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream members {
    ${sockets.map((socket) => `server unix:${socket};`).join('\n    ')}
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen ${address} backlog=4096;
    location / {
      proxy_pass http://members;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
}
