/** What the error says where the addon is missing or does not load. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { permissionOptions } from './programs.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const prebuilt = path.join(
  'prebuilds',
  `${process.platform}-${process.arch}`,
  process.platform === 'linux' ? 'reuse.glibc.node' : 'reuse.node',
)

/** The package as it is installed, without its native part. */
function installedCopy(t: TestContext): string {
  const copy = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'reuse-core-'))
  t.after(() => fs.rmSync(copy, { recursive: true }))
  fs.cpSync(path.join(root, 'package.json'), path.join(copy, 'package.json'))
  fs.cpSync(path.join(root, 'dist/bundle'), path.join(copy, 'dist/bundle'), { recursive: true })
  fs.cpSync(
    path.join(root, 'node_modules/node-gyp-build'),
    path.join(copy, 'node_modules/node-gyp-build'),
    { recursive: true, dereference: true },
  )
  return copy
}

const environment = { ...process.env, LIBC: 'glibc' }

/** Imports a copy, and returns the error as a program that uses the package gets it. */
function importError(
  copy: string,
  ...options: string[]
): { name: string; code: string; message: string; hint: string } {
  const code = `import('@reuse/core').then(() => console.log('{}'), ({ name, code, message, hint }) =>
    console.log(JSON.stringify({ name, code, message, hint })))`
  const { stdout } = spawnSync(process.execPath, [...options, '-e', code], {
    cwd: copy,
    env: environment,
    encoding: 'utf8',
  })
  return JSON.parse(stdout)
}

test('if no binary fits and none was built, the error says what was looked for', (t) => {
  const copy = installedCopy(t)
  fs.mkdirSync(path.join(copy, 'prebuilds/plan9-x64'), { recursive: true })

  const { name, code, message, hint } = importError(copy)

  assert.equal(name, 'ReuseError')
  assert.equal(code, 'ERR_REUSE_ADDON')
  assert.ok(message.includes(`${process.platform}-${process.arch}`), message)
  assert.ok(message.includes(copy), message)
  assert.ok(message.includes(prebuilt.replaceAll(path.sep, '/')), message)
  assert.match(hint, /There are prebuilt binaries for plan9-x64\./)
  const build = path.join(copy, 'dist/bundle/build.js')
  assert.ok(hint.endsWith(`then run \`node ${JSON.stringify(build)}\`.`), hint)
  assert.ok(fs.existsSync(build))
})

test('the error says if a copy has no prebuilt binaries', (t) => {
  assert.match(importError(installedCopy(t)).hint, /This copy has no prebuilt binaries\./)
})

test('where a binary does not load, the error names the file and gives the reason', (t) => {
  const copy = installedCopy(t)
  const file = path.join(copy, prebuilt)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, 'not a library')

  const { code, message, hint } = importError(copy)

  assert.equal(code, 'ERR_REUSE_ADDON')
  assert.match(message, /does not load on/)
  // The reason comes from the loader, and differs between systems.
  assert.match(message, /\(.+\)\. /)
  assert.ok(hint.includes(file), hint)
  assert.match(hint, /for another system or is damaged/)
})

test('if Node’s options forbid the addon, the error names the option to change', () => {
  const { permission } = permissionOptions
  for (const [options, remedy] of [
    [['--no-addons'], 'Start it without --no-addons.'],
    [[permission, '--allow-fs-read=*'], 'Start it with --allow-addons.'],
  ] as const) {
    const { code, message, hint } = importError(root, ...options)
    assert.equal(code, 'ERR_REUSE_ADDON')
    assert.match(message, /this Node's options do not allow the native addon/)
    assert.equal(hint, remedy)
  }
})
