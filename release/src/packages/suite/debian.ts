/** Installs and serves on an older Debian, with its older C library and without a compiler. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { installNode } from '@reuse/testkit'
import { succeed } from '../../command.js'
import { insideOf } from '../../debian/container.js'
import { olderDebian } from '../older-debian.js'
import { readmeProgram } from '../programs.js'
import { emptyProject, write } from '../project.js'
import { toolFile } from '../tools.js'
import { serveFromTwo, withOnly } from '../two-programs.js'
import { packedOf, type World } from '../world.js'

const compilers = /^(cc|c\+\+|gcc|g\+\+|clang|make|python)[-\d.]*$/
const node = 'opt/node/bin/node'
const npm = 'opt/npm'

export function debianTests(world: World): void {
  test('@reuse/fastify and @reuse/cli install on an older Debian; one serves, the other runs', async (t) => {
    const debian = await olderDebian()
    if ('reason' in debian) {
      t.skip(debian.reason)
      return
    }
    t.diagnostic(`Debian ${debian.release}, glibc ${debian.glibc}`)
    const programs = readdirSync(path.join(debian.folder, 'usr/bin'))
    assert.deepEqual(
      programs.filter((name) => compilers.test(name)),
      [],
    )

    const { folder } = emptyProject(world)
    const mounts = [
      { from: path.dirname(path.dirname(await installNode('20'))), to: 'opt/node' },
      { from: path.resolve(await toolFile('npm'), '../..'), to: npm },
      { from: folder, to: 'opt/app' },
    ]
    const inside = (command: string[], settings: Record<string, string> = {}): string[] => {
      const env = { PATH: '/opt/node/bin:/usr/bin:/bin', HOME: '/root', ...settings }
      const there = ['env', '-C', '/opt/app', ...command]
      return insideOf(debian.folder, mounts, withOnly(env, there))
    }

    const install = [`/${node}`, `/${npm}/bin/npm-cli.js`, 'install']
    await succeed(inside([...install, '@reuse/fastify', 'fastify', '@reuse/cli']))
    await succeed(inside([`/${node}`, `/${npm}/bin/npx-cli.js`, 'reuse', 'exec', '--', 'true']))
    write(folder, 'app.mjs', readmeProgram(packedOf(world.packed, '@reuse/fastify')))
    await serveFromTwo(t, (port) => inside([`/${node}`, 'app.mjs'], { PORT: String(port) }))
  })
}
