/** Installs the packages with every package manager, without a compiler, and serves with them. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { run } from '../../command.js'
import { cli, libraries } from '../contracts.js'
import { addCommand, npm, type PackageManager, packageManagers } from '../package-manager.js'
import { commonJsPrograms, readmeProgram } from '../programs.js'
import { emptyProject, type Project, write } from '../project.js'
import { serveFromTwo, withOnly } from '../two-programs.js'
import { packedOf, type World } from '../world.js'
import { commandRuns, commandShares } from './command.js'

export function installTests(world: World): void {
  for (const manager of packageManagers) {
    test(`@reuse/fastify and ${cli.name} install with ${manager.name}; one serves, the other runs`, async (t) => {
      const project = await install(world, manager, ['@reuse/fastify', 'fastify', cli.name])
      await serves(t, world, project, '@reuse/fastify', manager)
      await commandRuns(project, manager)
    })
  }
  for (const { name, peer } of libraries) {
    if (name === '@reuse/fastify') continue
    test(`${name} installs with ${npm.name}, and serves`, async (t) => {
      const project = await install(world, npm, [name, ...(peer === undefined ? [] : [peer])])
      await serves(t, world, project, name, npm)
    })
  }
  test(`${cli.name} installs with ${npm.name}, and starts two programs on one port`, async (t) => {
    const project = await install(world, npm, [cli.name])
    await commandRuns(project, npm)
    for (const mechanism of ['seccomp', 'preload'] as const) {
      await commandShares(t, project, mechanism)
    }
  })
}

export async function install(
  world: World,
  manager: PackageManager,
  packages: string[],
): Promise<Project> {
  const project = emptyProject(world)
  manager.prepare?.(project, world)
  const command = await addCommand(manager, packages)
  const { status, output } = await run(command, { cwd: project.folder, env: project.env })
  assert.equal(status, 0, output)
  return project
}

/** The README's program, and one that uses `require()`. */
export async function serves(
  t: TestContext,
  world: World,
  { folder, env }: Project,
  name: string,
  { flags = [], noRequire }: PackageManager,
): Promise<void> {
  write(folder, 'app.mjs', readmeProgram(packedOf(world.packed, name)))
  write(folder, 'app.cjs', commonJsPrograms[name] ?? '')
  if (noRequire !== undefined) t.diagnostic(`not with require(): ${noRequire}`)
  for (const file of noRequire === undefined ? ['app.mjs', 'app.cjs'] : ['app.mjs']) {
    await serveFromTwo(t, (port) => {
      const command = withOnly({ ...env, PORT: String(port) }, ['node', ...flags, file])
      return ['env', '-C', folder, ...command]
    })
  }
}
