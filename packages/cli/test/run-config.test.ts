/** `reuse run` with the apps of a config file, or of an ecosystem file of PM2. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freePort, request } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { needsLinux } from './programs.js'

/** A folder with two servers, `web.cjs` and `api.cjs`, and their ports. */
async function twoServers(t: TestContext) {
  const folder = new AppFolder(t)
  const ports = { web: await freePort(), api: await freePort() }
  for (const [name, port] of Object.entries(ports)) folder.write(`${name}.cjs`, serverText(port))
  return { folder, ports }
}

test('reuse run runs all apps of the config file, or the named ones', needsLinux, async (t) => {
  const { folder, ports } = await twoServers(t)
  folder.write(
    'reuse.config.mjs',
    `export default { apps: [
      { name: 'web', script: 'web.cjs', instances: 2 },
      { name: 'api', script: 'api.cjs', leaveTimeout: '2s' },
    ] }`,
  )
  const manager = folder.run()
  const web = await folder.untilReady('web', 2)
  const api = await folder.untilReady('api', 1)
  assert.ok(web.includes(Number(await request({ port: ports.web }))))
  assert.deepEqual(api, [Number(await request({ port: ports.api }))])
  const ambiguous = await folder.command('reload')
  assert.equal(ambiguous.status, 2)
  assert.match(ambiguous.stderr, /Type which app is meant: .*api.*web|web.*api/)
  // SIGHUP applies to all of them, and so does SIGTERM.
  process.kill(manager.pid, 'SIGHUP')
  await folder.until('web', ({ version }) => version === 2)
  await folder.until('api', ({ version }) => version === 2)
  assert.equal((await folder.command('stop', 'api')).status, 0)
  await assert.rejects(request({ port: ports.api }), { code: 'ECONNREFUSED' })
  await request({ port: ports.web })
  assert.deepEqual(await manager.end('SIGTERM'), { code: 0, signal: null })

  const one = folder.run('--config', 'reuse.config.mjs', 'api')
  await folder.untilReady('api', 1)
  await assert.rejects(request({ port: ports.web }), { code: 'ECONNREFUSED' })
  await one.end('SIGTERM')
})

test('reuse run reads a PM2 ecosystem file and reports what it ignores', needsLinux, async (t) => {
  const { folder, ports } = await twoServers(t)
  folder.write(
    'ecosystem.config.cjs',
    `module.exports = { apps: [
      { name: 'web', script: 'web.cjs', instances: 2, exec_mode: 'cluster', watch: true, env_production: { A: 'b' } },
    ] }`,
  )
  const manager = folder.run('--env', 'production')
  const pids = await folder.untilReady('web', 2)
  assert.ok(pids.includes(Number(await request({ port: ports.web }))))
  await untilPrinted(manager, /reuse: app web: watch is ignored: /)
  await manager.end('SIGTERM')
})

test('if one app of a config file runs already, none is started', needsLinux, async (t) => {
  const { folder, ports } = await twoServers(t)
  folder.run('--name', 'api', 'api.cjs')
  await folder.untilReady('api', 1)
  folder.write(
    'reuse.config.json',
    '{ "apps": [{ "name": "web", "script": "web.cjs" }, { "name": "api", "script": "api.cjs" }] }',
  )
  const manager = folder.run()
  assert.deepEqual(await manager.exit(), { code: 1, signal: null })
  assert.match(manager.output, /app api is already running/)
  await assert.rejects(request({ port: ports.web }), { code: 'ECONNREFUSED' })
  await request({ port: ports.api })
})

test('a wrong config file, or options that contradict it, are refused', needsLinux, async (t) => {
  const { folder } = await twoServers(t)
  const refused = async (pattern: RegExp, ...words: string[]): Promise<void> => {
    const manager = folder.run(...words)
    assert.deepEqual(await manager.exit(), { code: 2, signal: null })
    assert.match(manager.output, pattern)
  }
  await refused(/Type what to run: reuse run server\.js.* has none/)
  await refused(/--env is for a PM2 ecosystem file/, '--env', 'production', 'web.cjs')
  folder.write('reuse.config.json', '{ "name": "web", "script": "web.cjs", "instance": 2 }')
  await refused(/reuse\.config\.json: unknown property "instance"/)
  folder.write('reuse.config.json', '{ "name": "web", "script": "gone.cjs" }')
  await refused(/gone\.cjs/)
  folder.write('reuse.config.json', '{ "name": "web", "script": "web.cjs" }')
  await refused(/there is no app "api"; there are web/, '--config', 'reuse.config.json', 'api')
  await refused(/--instances belongs in the config file/, '-n', '2')
})
