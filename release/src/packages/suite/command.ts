/** The command `reuse` of @reuse/cli, installed. */
import assert from 'node:assert/strict'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { run } from '../../command.js'
import { type PackageManager, startCommand } from '../package-manager.js'
import { type Project, write } from '../project.js'
import { serveFromTwo, withOnly } from '../two-programs.js'

/** Starts the command as people do: it reads the sockets with the addon, and finds its own launcher. */
export async function commandRuns(
  { folder, env }: Project,
  manager: PackageManager,
): Promise<void> {
  for (const args of [
    ['ls'], // There is at least one listener: the registry.
    ['exec', '--', 'node', '-e', '0'],
  ]) {
    const command = await startCommand(manager, ['reuse', ...args])
    const { status, output } = await run(command, { cwd: folder, env })
    assert.equal(status, 0, `${command.join(' ')}:\n${output}`)
  }
  const failing = await startCommand(manager, ['reuse', 'exec', 'node', '-e', 'process.exit(7)'])
  const { status, output } = await run(failing, { cwd: folder, env })
  assert.equal(status, 7, output)
}

/** A server that does not know about @reuse. It ends with the program that started it. */
const server = `
  require('node:http')
    .createServer((_, response) => response.setHeader('connection', 'close').end(process.env.ID))
    .listen(process.env.PORT, '127.0.0.1')
  process.stdin.on('end', () => process.exit()).resume()`

/** Two such servers on one port, which the launcher or the preload library from the tarball make possible. */
export async function commandShares(
  t: TestContext,
  { folder, env }: Project,
  mechanism: 'seccomp' | 'preload',
): Promise<void> {
  write(folder, 'server.cjs', server)
  const reuse = path.join(folder, 'node_modules/.bin/reuse')
  let list: string[] = []
  const programs = await serveFromTwo(t, (port) => {
    list = [reuse, 'ls', String(port), '--json']
    // The process that was started knows its id; the server is a descendant of it.
    const exec = [reuse, 'exec', `--mechanism=${mechanism}`, '--', 'node', 'server.cjs']
    const withId = ['sh', '-c', 'ID=$$ exec "$@"', 'sh', ...exec]
    return ['env', '-C', folder, ...withOnly({ ...env, PORT: String(port) }, withId)]
  })
  const { status, stdout, output } = await run(list, { cwd: folder, env })
  assert.equal(status, 0, output)
  assert.equal(JSON.parse(stdout).length, 2, output)
  for (const program of programs) {
    assert.deepEqual(await program.end(), { code: null, signal: 'SIGTERM' }, program.output)
  }
}
