/** Programs that know nothing of sharing, from Debian's packages and from fixtures. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

export interface UnchangedProgram {
  name: string
  /** The commands that this machine must have for it. */
  commands: string[]
  /** The command line for a port. */
  start(t: TestContext, port: number): string[]
  /** For `reuse exec`. */
  options?: string[]
  send: string
  expect: RegExp
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url))

function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-exec-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

const http = {
  send: 'GET / HTTP/1.0\r\nhost: x\r\n\r\n',
  expect: /^HTTP\/1\.[01] 200[\s\S]*\r\n\r\n/,
}

function nginxConfiguration(t: TestContext, port: number): string {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'nginx.conf')
  fs.writeFileSync(
    file,
    `worker_processes 2;
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  server { listen 127.0.0.1:${port}; location / { return 200 "ok"; } }
}
`,
  )
  return file
}

function staticProgram(t: TestContext): string {
  const output = path.join(temporaryFolder(t), 'static_server')
  execFileSync('cc', ['-static', '-o', output, fixture('static_server.c')])
  return output
}

export const unchangedPrograms: readonly UnchangedProgram[] = [
  {
    ...{ name: 'nginx', commands: ['nginx'], ...http },
    start: (t, port) => ['nginx', '-c', nginxConfiguration(t, port), '-e', 'stderr'],
    options: ['--stop-signal', 'SIGQUIT'], // On SIGTERM it drops what it serves.
  },
  {
    ...{ name: 'redis-server', commands: ['redis-server'] },
    start: (t, port) => [
      ...['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--dir', temporaryFolder(t)],
    ],
    ...{ send: 'PING\r\n', expect: /^\+PONG\r\n/ },
  },
  {
    ...{ name: "python3's http.server", commands: ['python3'], ...http },
    start: (_, port) => ['python3', fixture('plain.py'), String(port)],
  },
  {
    ...{ name: 'gunicorn', commands: ['gunicorn'], ...http },
    start: (_, port) => [
      ...['gunicorn', '--bind', `127.0.0.1:${port}`, '--workers', '2'],
      ...['--graceful-timeout', '2', '--log-level', 'error'],
      ...['--chdir', path.dirname(fixture('wsgi.py')), 'wsgi:application'],
    ],
  },
  {
    ...{ name: 'socat', commands: ['socat'], ...http },
    start: (_, port) => [
      'socat',
      `TCP4-LISTEN:${port},bind=127.0.0.1,fork,backlog=128`,
      `SYSTEM:sh ${fixture('answer.sh')}`,
    ],
  },
  {
    ...{ name: 'a static C program', commands: ['cc'], ...http },
    start: (t, port) => [staticProgram(t), String(port)],
  },
  {
    ...{ name: 'a Go program, prometheus-node-exporter', commands: ['prometheus-node-exporter'] },
    start: (_, port) => [
      ...['prometheus-node-exporter', `--web.listen-address=127.0.0.1:${port}`],
      ...['--collector.disable-defaults', '--log.level=error'],
    ],
    ...http,
  },
  {
    ...{ name: 'a Java program', commands: ['java'], ...http },
    start: (_, port) => ['java', '-XX:TieredStopAtLevel=1', fixture('Server.java'), String(port)],
  },
  {
    ...{ name: 'plain Node', commands: ['node'], ...http },
    start: (_, port) => [process.execPath, fixture('plain.cjs'), String(port)],
  },
]

/** What a program needs and this machine does not have. */
export function missingFor({ commands }: UnchangedProgram): string | undefined {
  return commands.find((command) => spawnSync('which', [command]).status !== 0)
}
