import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { selectMode } from '../../src/publish/mode.js'

interface Layout {
  versions?: Record<string, string>
  changesets?: string[]
}

/** A repository with these public packages, one private one, and these changesets. */
function makeRepository(t: TestContext, { versions = {}, changesets = [] }: Layout): string {
  const root = mkdtempSync(path.join(tmpdir(), 'reuse-'))
  t.after(() => rmSync(root, { recursive: true }))
  const manifests = { ...versions, testkit: '9.9.9' }
  for (const [name, version] of Object.entries(manifests)) {
    const folder = path.join(root, 'packages', name)
    mkdirSync(folder, { recursive: true })
    const manifest = { name: `@reuse/${name}`, version, private: name === 'testkit' }
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  }
  mkdirSync(path.join(root, '.changeset'))
  for (const name of ['README.md', 'config.json', ...changesets]) {
    writeFileSync(path.join(root, '.changeset', name), '')
  }
  return root
}

const versions = { core: '1.2.0', koa: '1.2.0' }

test('pending changesets select mode "version" without asking npm', (t) => {
  const root = makeRepository(t, { versions, changesets: ['one-port.md'] })
  const never = () => assert.fail('npm was asked')
  assert.deepEqual(selectMode(root, never), { mode: 'version', version: '1.2.0' })
})

test('a package that is not on npm yet selects mode "publish"', (t) => {
  const root = makeRepository(t, { versions })
  const asked: string[] = []
  const selection = selectMode(root, (name, version) => {
    asked.push(`${name}@${version}`)
    return name === '@reuse/core'
  })
  assert.deepEqual(selection, { mode: 'publish', version: '1.2.0' })
  assert.deepEqual(asked, ['@reuse/core@1.2.0', '@reuse/koa@1.2.0'])
})

test('the mode is "none" if all packages are on npm', (t) => {
  const root = makeRepository(t, { versions })
  assert.deepEqual(
    selectMode(root, () => true),
    { mode: 'none', version: '1.2.0' },
  )
})

test('packages with different versions are refused', (t) => {
  const root = makeRepository(t, { versions: { core: '1.2.0', koa: '1.1.0' } })
  assert.throws(
    () => selectMode(root, () => true),
    /@reuse\/core is 1\.2\.0 and @reuse\/koa is 1\.1\.0/,
  )
})
