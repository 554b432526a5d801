/** Core on a system that it has no binary for: built from source, or an error that helps. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { onPath } from '../bare-path.js'
import { run, succeed } from '../command.js'
import { headerFolder } from '../headers.js'
import { addCommand, npm } from '../package-manager.js'
import { commonJsPrograms } from '../programs.js'
import { emptyProject, type Project, write } from '../project.js'
import { serveFromTwo, withOnly } from '../two-programs.js'
import type { World } from '../world.js'

const absent = ['cc', 'make', 'python3'].filter((program) => onPath(program) === undefined)
const skip = absent.length > 0 && `no ${absent.join(', ')} on this machine`

/** Where the hint sends people, once they have a compiler. */
const rebuild = [npm.tool, 'rebuild', '@reuse/core']

export function fromSourceTests(world: World): void {
  const { coreFromSource } = world

  test('without a prebuilt binary core is built as it is installed, and serves', {
    skip,
  }, async (t) => {
    const project = await withCompiler(world)
    const { status, output } = await installIn(project, [coreFromSource])
    assert.equal(status, 0, output)
    await builtAndServes(t, project)
  })

  test('without a compiler too, the install fails, and says what was tried and what to do', async () => {
    const { status, output } = await installIn(emptyProject(world), [coreFromSource])
    assert.notEqual(status, 0)
    assert.match(output, /gyp ERR!/)
    assert.match(output, /neither build\/Release\/reuse\.node nor prebuilds\/\S+\.node/)
    assert.match(output, /Building it from source failed; the reason stands above/)
    assert.match(output, /Install python3, make and a C compiler, then install again/)
  })

  test('not built since scripts were off: the import says so, and its hint works', {
    skip,
  }, async (t) => {
    const project = await withCompiler(world)
    const { status, output } = await installIn(project, ['--ignore-scripts', coreFromSource])
    assert.equal(status, 0, output)

    const { code, hint } = await importError(project)
    assert.equal(code, 'ERR_REUSE_ADDON')
    assert.match(hint, /install scripts were off/)
    assert.ok(hint.includes(`\`${rebuild.join(' ')}\``), hint)

    const [, ...args] = rebuild
    await succeed([...(await addCommand({ ...npm, add: [] }, args))], where(project))
    await builtAndServes(t, project)
  })
}

async function withCompiler(world: World): Promise<Project> {
  const { folder, env } = emptyProject(world)
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

async function installIn(project: Project, packages: readonly string[]): ReturnType<typeof run> {
  return run(await addCommand(npm, packages), where(project))
}

function where({ folder, env }: Project): { cwd: string; env: Project['env'] } {
  return { cwd: folder, env }
}

async function builtAndServes(t: TestContext, { folder, env }: Project): Promise<void> {
  assert.ok(existsSync(path.join(folder, 'node_modules/@reuse/core/build/Release/reuse.node')))
  write(folder, 'app.cjs', commonJsPrograms['@reuse/core'] ?? '')
  await serveFromTwo(t, (port) => [
    ...['env', '-C', folder],
    ...withOnly({ ...env, PORT: String(port) }, ['node', 'app.cjs']),
  ])
}

async function importError(project: Project): Promise<{ code: string; hint: string }> {
  const code =
    "import('@reuse/core').catch(({ code, hint }) => console.log(JSON.stringify({ code, hint })))"
  return JSON.parse(await succeed([process.execPath, '-e', code], where(project)))
}
