/** Programs that use the packed packages, checked by the oldest TypeScript that can, and by the newest. */
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { before, suite, test } from 'node:test'
import { run, succeed } from '../../command.js'
import { root } from '../../root.js'
import { addCommand, npm } from '../package-manager.js'
import { emptyProject, type Project, write } from '../project.js'
import type { World } from '../world.js'

/** Each with the programs whose libraries it can check too; the other libraries have their own errors. */
const versions = [
  // Fastify's own types need 5.4.
  { version: '5.0.4', alias: 'typescript-oldest', whole: ['core', 'express'] },
  { version: '7.0.2', alias: 'typescript-newest', whole: ['core', 'express', 'fastify'] },
]
// @types/koa 3 names a type that its dependency no longer has.
const programs = ['core', 'express', 'fastify', 'koa']

const resolutions = [
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'es2022' },
]

const dependencies = [
  ...programs.map((program) => `@reuse/${program}`),
  ...['express', 'fastify', 'koa'],
  ...['@types/express@5', '@types/koa@3', '@types/node@20'],
  ...versions.map(({ alias, version }) => `${alias}@npm:typescript@${version}`),
]

export function typeTests(world: World): void {
  suite('types', () => {
    let project: Project
    before(async () => {
      project = emptyProject(world)
      const { folder, env } = project
      write(folder, 'package.json', '{ "name": "app", "private": true, "type": "module" }\n')
      await succeed(await addCommand(npm, dependencies), { cwd: folder, env })
      cpSync(path.join(root, 'release/consumers'), folder, { recursive: true })
    })

    for (const { version, alias, whole } of versions) {
      for (const resolution of resolutions) {
        const [as, by] = [
          `TypeScript ${version}`,
          `moduleResolution ${resolution.moduleResolution}`,
        ]
        const rest = programs.filter((program) => !whole.includes(program))

        test(`${as}, ${by}: ${whole.join(', ')}, and all their libraries`, async () => {
          await compiles(project, alias, whole, { ...resolution, skipLibCheck: false })
        })
        test(`${as}, ${by}: ${rest.join(', ')}`, async () => {
          await compiles(project, alias, rest, { ...resolution, skipLibCheck: true })
        })
      }
    }
  })
}

async function compiles(
  { folder, env }: Project,
  typescript: string,
  programs: readonly string[],
  options: Record<string, unknown>,
): Promise<void> {
  const config = {
    compilerOptions: { noEmit: true, strict: true, target: 'es2022', types: ['node'], ...options },
    files: programs.map((program) => `${program}.ts`),
  }
  write(folder, 'tsconfig.json', JSON.stringify(config))
  const tsc = path.join('node_modules', typescript, 'bin/tsc')
  const { status, output } = await run([process.execPath, tsc], { cwd: folder, env })
  assert.equal(status, 0, output)
}
