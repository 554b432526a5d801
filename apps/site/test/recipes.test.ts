/** The files of the recipes run exactly as they are there. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { peers } from '@reuse/core'
import {
  countAnswers,
  type Fixture,
  freePort,
  startFixture,
  startStorm,
  until,
} from '@reuse/testkit'
import { command, missing, says, startProgram } from './programs.js'
import { writeFiles } from './snippets.js'

const notLinux = process.platform !== 'linux' && 'only Linux balances, and leaves without a loss'

/** Asserts that these programs answer, and nobody else. */
async function assertAnswers(port: number, pids: number[]): Promise<void> {
  const counts = await countAnswers({ port }, 300)
  assert.deepEqual(new Set(counts.keys()), new Set(pids.map((pid) => `${pid}\n`)))
}

test('systemd: programs on one port restart without loss', { skip: notLinux }, async (t) => {
  const file = { page: 'recipes/systemd.md', name: 'server.mjs' }
  const port = await freePort()
  const programs: Fixture[] = []
  for (let i = 0; i < 4; i++) programs.push(await startProgram(t, file, port))
  await assertAnswers(
    port,
    programs.map(({ pid }) => pid),
  )
  const storm = await startStorm(t, { port, clients: 8 })
  for (const program of programs.splice(0, 2)) {
    assert.deepEqual(await program.end(), { code: 0, signal: null })
    programs.push(await startProgram(t, file, port))
  }
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 0)
})

const noActivation = missing('systemd-socket-activate')
test('systemd: the program uses the socket that it is given', {
  skip: noActivation,
}, async (t) => {
  const port = await freePort()
  const through = ['systemd-socket-activate', '-E', 'PORT', '-l', String(port)]
  const folder = writeFiles('recipes/systemd.md')
  const program = startFixture(t, [...through, process.execPath, 'server.mjs'], {
    cwd: folder,
    env: { PORT: String(port) },
  })
  await says(program, /Listening on/) // systemd starts the program when the first connection comes.
  await assertAnswers(port, [program.pid])
  assert.equal((await peers({ port })).length, 1, 'the very socket, and not one beside it')
})

const namespace = ['unshare', '--pid', '--mount-proc', '--fork', '--kill-child=SIGTERM']
const noNamespace =
  missing('unshare') ||
  (spawnSync('unshare', [...namespace.slice(1), 'true']).status !== 0 &&
    'this user may make no process namespace')
test('Kubernetes: programs in PID namespaces share a port', { skip: noNamespace }, async (t) => {
  const file = { page: 'recipes/kubernetes.md', name: 'server.mjs' }
  const port = await freePort()
  const first = await startProgram(t, file, port, namespace)
  await startProgram(t, file, port, namespace)
  assert.equal((await peers({ port })).length, 2)

  const storm = await startStorm(t, { port, clients: 8 })
  process.kill(onlyChildOf(first.pid), 'SIGTERM')
  assert.deepEqual(await first.exit(), { code: 0, signal: null })
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 0)
  const members = (await peers({ port })).filter(({ orphan }) => !orphan)
  assert.equal(members.length, 1)
})

test('Docker: a new image takes over from the old one without loss', {
  skip: noNamespace,
}, async (t) => {
  const port = await freePort()
  const startImage = async (version: string): Promise<Fixture> => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'reuse-image-'))
    t.after(() => rmSync(root, { recursive: true }))
    const server = `require('node:http').createServer((_, r) => r.end('${version}')).listen(${port})`
    writeFileSync(path.join(root, 'server.js'), server)
    const run = [process.execPath, command, 'run', '-n', '2', '--name', 'web', 'server.js']
    const env = { XDG_RUNTIME_DIR: root }
    const image = startFixture(t, [...namespace, ...run], { cwd: root, env })
    await says(
      image,
      /worker 1 .*ready[\s\S]*worker 2 .*ready|worker 2 .*ready[\s\S]*worker 1 .*ready/,
    )
    return image
  }
  const old = await startImage('old')
  const storm = await startStorm(t, { port, clients: 8 })
  await startImage('new')
  process.kill(onlyChildOf(old.pid), 'SIGTERM')
  assert.deepEqual(await old.exit(), { code: 0, signal: null })
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 0)
  assert.deepEqual([...(await countAnswers({ port }, 100)).keys()], ['new'])
})

function onlyChildOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  assert.equal(children.length, 1)
  return Number(children[0])
}

test('PM2: reloading four processes loses nothing', { skip: notLinux }, async (t) => {
  const folder = writeFiles('recipes/pm2.md')
  const port = await freePort()
  const home = mkdtempSync(path.join(os.tmpdir(), 'reuse-pm2-'))
  const pm2 = createRequire(import.meta.url).resolve('pm2/bin/pm2')
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [pm2, ...args], {
      cwd: folder,
      env: { ...process.env, PM2_HOME: home, PORT: String(port) },
      encoding: 'utf8',
      timeout: 60_000,
    })
  t.after(() => {
    run('kill')
    rmSync(home, { recursive: true })
  })
  const pids = (): number[] => {
    const processes: { pid: number }[] = JSON.parse(run('jlist'))
    return processes.map(({ pid }) => pid)
  }

  run('start', 'ecosystem.config.cjs')
  const before = pids()
  assert.equal(before.length, 4)
  await assertAnswers(port, before)

  const storm = await startStorm(t, { port, clients: 8 })
  run('reload', 'web')
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 0)
  const after = pids()
  assert.equal(new Set([...before, ...after]).size, 8)
  await assertAnswers(port, after)
})

test('node:cluster: replacing four workers loses nothing', { skip: notLinux }, async (t) => {
  const port = await freePort()
  const file = { page: 'recipes/cluster.md', name: 'cluster.mjs' }
  const primary = await startProgram(t, file, port)
  const workers = async (): Promise<number[]> => {
    return (await peers({ port })).flatMap(({ pid }) => pid ?? [])
  }
  await until(async () => (await workers()).length === 4)
  const before = await workers()
  await assertAnswers(port, before)

  const storm = await startStorm(t, { port, clients: 8 })
  process.kill(primary.pid, 'SIGHUP')
  await says(primary, /^all workers are new$/m)
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 0)
  const after = await workers()
  assert.equal(new Set([...before, ...after]).size, 8)
  await assertAnswers(port, after)
  assert.deepEqual(await primary.end(), { code: 0, signal: null })
})
