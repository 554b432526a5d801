/** The files in `deploy` are valid for systemd, Docker and Kubernetes, and fit `reuse run`. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort, request, startFixture, until } from '@reuse/testkit'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import { parseAllDocuments } from 'yaml'
import { workspaceFolder } from '../src/places.js'
import { faultsOfManifests } from './manifests.js'
import { command, missing } from './programs.js'

const folder = path.join(workspaceFolder, 'deploy')

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}

// ---- systemd ----------------------------------------------------------------------------------

/** What systemd says about units, by their names. */
function verify(t: TestContext, units: Record<string, string>): string {
  const copies = mkdtempSync(path.join(os.tmpdir(), 'reuse-units-'))
  t.after(() => rmSync(copies, { recursive: true }))
  const files = Object.entries(units).map(([name, unit]) => {
    const copy = path.join(copies, name.replace('@', '@1'))
    // What the unit starts, and its user, need not exist on this machine.
    const here = unit.replace(/\/usr\/bin\/(node|reuse)/, process.execPath)
    writeFileSync(copy, here.replace(/^User=.*/m, 'User=root'))
    return copy
  })
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files], {
    encoding: 'utf8',
  })
  assert.ok(stderr !== '' || status === 0, `it ended with ${status}`)
  return stderr
}

const noVerify = missing('systemd-analyze')

test('systemd-analyze accepts the units in deploy', { skip: noVerify }, (t) => {
  const names = readdirSync(path.join(folder, 'systemd'))
  assert.ok(names.length > 0)
  const units = names.map((name): [string, string] => [name, read(`systemd/${name}`)])
  assert.equal(verify(t, Object.fromEntries(units)), '')
})

test('systemd-analyze reports a unit with a wrong line', { skip: noVerify }, (t) => {
  const unit = read('systemd/shop.service')
  const broken = unit.replace('KillMode=mixed', 'KillMode=some')
  assert.notEqual(broken, unit)
  assert.match(verify(t, { 'shop.service': broken }), /kill mode/)
})

// ---- Kubernetes -------------------------------------------------------------------------------

for (const file of readdirSync(path.join(folder, 'kubernetes'))) {
  test(`${file} is valid for Kubernetes`, () => {
    assert.deepEqual(faultsOfManifests(read(`kubernetes/${file}`)), [])
  })
}

const mistakes: [what: string, from: string, to: string, fault: RegExp][] = [
  ['a wrong value', 'replicas: 2', 'replicas: two', /spec\/replicas must be integer/],
  ['an unknown field', 'preStop:', 'prestop:', /"prestop"' does not exist in type 'ILifecycle'/],
  ['a missing field', 'selector:\n    matchLabels: { app: web }\n', '', /selector/],
  ['an unknown kind', 'kind: Deployment', 'kind: Deploiment', /no schema.*Deploiment/],
  ['wrong YAML', 'replicas: 2', 'replicas: [2', /must be sufficiently indented|Flow sequence/],
]
for (const [what, from, to, fault] of mistakes) {
  test(`a manifest with ${what} is refused`, () => {
    const manifest = read('kubernetes/web.yaml')
    assert.ok(manifest.includes(from))
    assert.match(faultsOfManifests(manifest.replace(from, to)).join('\n'), fault)
  })
}

/** The only container of the Deployment. */
function containerOf(manifests: string) {
  const deployment: IDeployment = parseAllDocuments(manifests)[0]?.toJS()
  const [container, ...others] = deployment.spec?.template.spec?.containers ?? []
  assert.ok(container !== undefined && others.length === 0)
  return container
}

// ---- Docker -----------------------------------------------------------------------------------

const dockerfile = read('docker/Dockerfile')

/** The command that an image runs, or `null` if a shell would run it. */
function commandOf(text: string): string[] | null {
  const content = DockerfileParser.parse(text).getCMDs().at(-1)?.getArgumentsContent() ?? ''
  return content.startsWith('[') ? JSON.parse(content) : null
}

test('the Dockerfile has no mistakes, and an invalid one is reported', () => {
  assert.deepEqual(validate(dockerfile), [])
  assert.ok(validate(dockerfile.replace('WORKDIR', 'WORKDIRECTORY')).length > 0)
})

test('Docker starts `reuse run` without a shell in between', () => {
  assert.deepEqual(commandOf(dockerfile)?.slice(0, 2), ['reuse', 'run'])
  assert.equal(commandOf('FROM node\nCMD reuse run server.js'), null)
})

const notLinux = process.platform !== 'linux' && '`reuse run` needs Linux'
test('the image’s command serves, answers the probes, and ends on SIGTERM', {
  skip: notLinux,
}, async (t) => {
  const app = mkdtempSync(path.join(os.tmpdir(), 'reuse-image-'))
  t.after(() => rmSync(app, { recursive: true }))
  const [port, metrics] = [await freePort(), await freePort()]
  const server = `require('node:http').createServer((_, response) => response.end('served')).listen(${port})`
  writeFileSync(path.join(app, 'server.js'), server)

  const { ports = [], readinessProbe, livenessProbe } = containerOf(read('kubernetes/web.yaml'))
  const metricsPort = ports.find(({ name }) => name === 'metrics')?.containerPort
  const [, ...args] = commandOf(dockerfile) ?? []
  const here = args.map((word) => word.replace(`:${metricsPort}`, `:${metrics}`))
  assert.notDeepEqual(here, args)
  const reuse = startFixture(t, [process.execPath, command, ...here], {
    ...{ cwd: app, env: { XDG_RUNTIME_DIR: app } },
  })

  for (const probe of [readinessProbe, livenessProbe]) {
    assert.equal(probe?.httpGet?.port, 'metrics')
    const url = `http://127.0.0.1:${metrics}${probe?.httpGet?.path}`
    await until(
      async () => (await fetch(url).catch(() => null))?.status === 200,
      () => `${url} does not answer 200`,
    )
  }
  assert.equal(await request({ port }), 'served')
  assert.deepEqual(await reuse.end(), { code: 0, signal: null })
})
