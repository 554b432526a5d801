/** Core on a system that it has no binary for: a helpful error, and the build that it names. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { findProgram } from '@reuse/testkit'
import { run, succeed } from '../../command.js'
import { headerFolder } from '../headers.js'
import { addCommand, npm, type PackageManager, packageManagers } from '../package-manager.js'
import { emptyProject, type Project, write } from '../project.js'
import type { World } from '../world.js'
import { serves } from './installs.js'

const absent = ['cc', 'make', 'python3'].filter((program) => findProgram(program) === undefined)
const skip = absent.length > 0 && `no ${absent.join(', ')} on this machine`

export function fromSourceTests(world: World): void {
  for (const manager of packageManagers) {
    test(`without a prebuilt binary, ${manager.name}: the error names a command, which builds it`, {
      skip,
    }, async (t) => {
      const project = await withCompiler(await installedBy(manager, world))
      const { code, message, hint } = await importError(project, manager)
      assert.equal(code, 'ERR_REUSE_ADDON')
      assert.match(message, /neither native\/build\/Release\/reuse\.node nor prebuilds\/\S+\.node/)
      await succeed(['sh', '-c', commandIn(hint)], where(project))
      await serves(t, world, project, '@reuse/core', manager)
    })
  }

  test('without a compiler, the build says what it takes', { skip }, async () => {
    const { folder, env } = await withCompiler(await installedBy(npm, world))
    const { hint } = await importError({ folder, env }, npm)
    const { status, output } = await run(['sh', '-c', commandIn(hint)], {
      cwd: folder,
      env: { ...env, CC: '/nowhere/cc' },
    })
    assert.notEqual(status, 0, output)
    assert.match(output, /gyp ERR!/)
    assert.match(
      output,
      /@reuse\/core: The build failed; the reason is above\. Building needs python3, make and a C/,
    )
  })
}

/** The installation mentions no build, and runs none. */
async function installedBy(manager: PackageManager, world: World): Promise<Project> {
  const project = emptyProject(world)
  manager.prepare?.(project, world)
  const command = await addCommand(manager, [world.coreFromSource])
  const { status, output } = await run(command, where(project))
  assert.equal(status, 0, output)
  assert.doesNotMatch(output, /install script|build script|gyp \w+/i)
  return project
}

async function withCompiler({ folder, env }: Project): Promise<Project> {
  const headers = await headerFolder()
  return {
    folder,
    env: {
      ...env,
      PATH: `${env.PATH}${path.delimiter}${process.env.PATH}`,
      ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    },
  }
}

function where({ folder, env }: Project): { cwd: string; env: Project['env'] } {
  return { cwd: folder, env }
}

/** The command in a hint, between backticks. */
function commandIn(hint: string): string {
  const [, command] = /`(node [^`]+)`/.exec(hint) ?? []
  assert.ok(command, hint)
  const [, file = ''] = /"(.+)"/.exec(command) ?? []
  assert.ok(existsSync(file), command)
  return command
}

async function importError(
  project: Project,
  { flags = [] }: PackageManager,
): Promise<{ code: string; message: string; hint: string }> {
  write(
    project.folder,
    'import.mjs',
    `import('@reuse/core').catch(({ code, message, hint }) =>
      console.log(JSON.stringify({ code, message, hint })))`,
  )
  return JSON.parse(await succeed([process.execPath, ...flags, 'import.mjs'], where(project)))
}
