import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { workspaceTree } from '../../src/binaries/source-tree.js'
import { binaryPath, binaryTargets, targetName } from '../../src/targets.js'
import { thisMachine } from '../../src/this-machine.js'

const require = createRequire(import.meta.url)
const loader = require.resolve('node-gyp-build')
const ownTarget = thisMachine()
const addons = binaryTargets.filter(({ kind }) => kind === 'addon')

/** Asks node-gyp-build in a separate process, in which it looks only at prebuilds. */
function ask(question: string, folder: string, env: NodeJS.ProcessEnv = {}): unknown {
  const program = `
    const load = require(${JSON.stringify(loader)})
    const folder = process.argv[1]
    console.log(JSON.stringify(${question}))`
  const output = execFileSync(process.execPath, ['-e', program, folder], {
    encoding: 'utf8',
    env: { ...process.env, PREBUILDS_ONLY: '1', ...env },
  })
  return JSON.parse(output)
}

/** A package that has a file for every target. Only the one for this machine is a binary: core's own. */
function packageWithAll(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'reuse-layout-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const target of addons) {
    const file = path.join(folder, 'prebuilds', binaryPath(target))
    mkdirSync(path.dirname(file), { recursive: true })
    if (target === ownTarget)
      copyFileSync(path.join(workspaceTree.core, 'build/Release/reuse.node'), file)
    else writeFileSync(file, targetName(target))
  }
  return folder
}

test('node-gyp-build finds the file of each target', (t) => {
  const folder = packageWithAll(t)
  for (const target of addons) {
    const found = ask('load.path(folder)', folder, {
      npm_config_platform: target.platform,
      npm_config_arch: target.arch,
      LIBC: target.libc,
    })
    assert.equal(found, path.join(folder, 'prebuilds', binaryPath(target)), targetName(target))
  }
})

test('Node loads the file for this machine from a package with all targets', (t) => {
  const folder = packageWithAll(t)
  const file = path.join(folder, 'prebuilds', binaryPath(ownTarget))
  assert.equal(ask('load.path(folder)', folder), file)
  assert.equal(ask('typeof load(folder).setOption', folder), 'function')
})

const core = path.dirname(workspaceTree.core)
const prebuilt = path.join(core, 'prebuilds', binaryPath(ownTarget))
const skip = !existsSync(prebuilt) && 'there is none: npm run binaries'

test("Node loads this machine's binary from core's prebuilds", { skip }, () => {
  assert.equal(ask('load.path(folder)', core), prebuilt)
  assert.equal(ask('typeof load(folder).setOption', core), 'function')
})
