/** Every program of every README runs unchanged, in a project as `npm init -y` makes it. */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { codeBlocks, freePort, request, startFixture, until } from '@reuse/testkit'
import { root } from '../../root.js'
import { cli, core, libraries } from '../contracts.js'
import { npm } from '../package-manager.js'
import { write } from '../project.js'
import { serveFromTwo, withOnly } from '../two-programs.js'
import { packedOf, type World } from '../world.js'
import { install } from './installs.js'

const certificates = path.join(root, 'packages/core/test/fixtures')

export function readmeTests(world: World): void {
  managerTest(world)
  const packages = libraries.map(({ name, peer }) => {
    const packages = peer === undefined ? [name] : [name, peer]
    return { title: name, folder: packedOf(world.packed, name).folder, packages }
  })
  const repository = { title: 'the repository', folder: root, packages: [core.name] }
  for (const { title, folder, packages: wanted } of [repository, ...packages]) {
    const programs = programsIn(path.join(folder, 'README.md'))
    test(`the README of ${title}: each of its ${programs.length} programs, twice on one port`, async (t) => {
      assert.ok(programs.length > 0)
      const { folder, env } = await install(world, npm, wanted)
      copyFileSync(path.join(certificates, 'localhost.key'), path.join(folder, 'key.pem'))
      copyFileSync(path.join(certificates, 'localhost.crt'), path.join(folder, 'cert.pem'))
      for (const program of programs) {
        write(folder, 'program.mjs', program)
        const ask = program.includes("from 'node:https'") ? askTls : undefined
        const command = (port: number): string[] => [
          ...['env', '-C', folder],
          ...withOnly({ ...env, PORT: String(port) }, ['node', 'program.mjs']),
        ]
        await serveFromTwo(t, command, ask)
      }
    })
  }
}

/** A program that manages an app: when told to, it ends by itself, and so does the app. */
function managerTest(world: World): void {
  test(`the README of ${cli.name}: its program runs an app, and stops it`, async (t) => {
    const [program = '', ...more] = programsIn(
      path.join(packedOf(world.packed, cli.name).folder, 'README.md'),
    )
    assert.deepEqual(more, [])
    const { folder, env } = await install(world, npm, [cli.name])
    write(folder, 'program.mjs', program)
    write(folder, 'server.js', server)
    const port = await freePort()
    const variables = { ...env, PORT: String(port), XDG_RUNTIME_DIR: folder }
    const command = ['env', '-C', folder, ...withOnly(variables, ['node', 'program.mjs'])]
    const manager = startFixture(t, command)
    await until(
      () => /is ready/.test(manager.output),
      () => manager.output,
    )
    const worker = await request({ port })
    assert.notEqual(worker, String(manager.pid))
    assert.deepEqual(await manager.end(), { code: 0, signal: null })
    await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  })
}

const server = `require('node:http')
  .createServer((request, response) => response.end(String(process.pid)))
  .listen(process.env.PORT, '127.0.0.1')
`

/** A block that imports nothing continues the first one. */
function programsIn(file: string): string[] {
  const blocks = codeBlocks(pathToFileURL(file), 'js')
  const [first = ''] = blocks
  return blocks.map((block) => (/^import /m.test(block) ? block : `${first}\n${block}`))
}

function askTls(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, agent: false, rejectUnauthorized: false }
    https.get(options, (response) => resolve(text(response))).once('error', reject)
  })
}
