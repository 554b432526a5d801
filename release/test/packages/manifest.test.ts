import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cli, type PackageContract } from '../../src/packages/contracts.js'
import { manifestFaults } from '../../src/packages/manifest.js'

const contract: PackageContract = {
  name: '@reuse/koa',
  directory: 'packages/koa',
  dependencies: ['@reuse/core'],
  peer: 'koa',
  entries: ['index'],
  further: [],
  native: false,
  budget: 1000,
}

const manifest = {
  name: '@reuse/koa',
  type: 'module',
  license: 'MIT',
  keywords: ['koa'],
  sideEffects: false,
  engines: { node: '>=20.19' },
  repository: { type: 'git', url: 'git+https://example.org/reuse.git', directory: 'packages/koa' },
  publishConfig: { access: 'public' },
  exports: {
    '.': { types: './dist/bundle/index.d.ts', default: './dist/bundle/index.js' },
    './package.json': './package.json',
  },
  dependencies: { '@reuse/core': '^1.0.0' },
  peerDependencies: { koa: '^3.0.0' },
}

test('a correct manifest has no faults', () => {
  assert.deepEqual(manifestFaults(contract, manifest, '>=20.19'), [])
})

const wrong: Record<string, [change: Record<string, unknown>, fault: RegExp]> = {
  'a workspace range': [
    { dependencies: { '@reuse/core': 'workspace:^' } },
    /range of the workspace/,
  ],
  'a workspace range in devDependencies': [
    { devDependencies: { '@reuse/testkit': 'workspace:*' } },
    /range of the workspace/,
  ],
  'one more dependency': [
    { dependencies: { '@reuse/core': '^1.0.0', 'left-pad': '*' } },
    /installs @reuse\/core, left-pad, not @reuse\/core/,
  ],
  'an install script': [
    { scripts: { test: 'node --test', postinstall: 'node build.js' } },
    /it runs postinstall when it is installed/,
  ],
  'an optional dependency': [{ optionalDependencies: { fsevents: '*' } }, /optional/],
  'another peer': [{ peerDependencies: { express: '*' } }, /peers are express/],
  'other engines': [{ engines: { node: '>=18' } }, /engines\.node is not >=20\.19/],
  'a repository without a directory': [
    { repository: { url: 'git+https://example.org' } },
    /repository\.directory/,
  ],
  'no repository': [{ repository: undefined }, /repository\.url/],
  'side effects': [{ sideEffects: undefined }, /sideEffects/],
  'types in second place': [
    { exports: { '.': { default: './index.js', types: './index.d.ts' } } },
    /exports\["\."\] does not begin with its types/,
  ],
  'no exports': [{ exports: undefined }, /exports has no "\."/],
  'a private package': [{ private: true }, /private/],
}

test('a package with a command needs the right bin, and no exports', () => {
  const { peer: _, ...rest } = contract
  const { exports: __, peerDependencies: ___, ...others } = manifest
  const ofCommand = { ...rest, bin: 'reuse' }
  const faults = (bin: unknown) => manifestFaults(ofCommand, { ...others, bin }, '>=20.19')
  assert.deepEqual(faults({ reuse: './dist/bundle/main.js' }), [])
  assert.match(faults({ other: './dist/bundle/main.js' }).join(), /its command is not reuse/)
  assert.match(faults(undefined).join(), /its command is not reuse/)
})

test('a package with launchers must list them as executable and be unplugged', () => {
  const { directory, dependencies } = cli
  const ofLaunchers: PackageContract = { ...contract, directory, dependencies }
  const executableFiles = ['prebuilds/linux-x64/reuse-exec', 'prebuilds/linux-arm64/reuse-exec']
  const faults = (change: object) =>
    manifestFaults(ofLaunchers, { ...manifest, ...change }, '>=20.19').join('\n')
  const right = { publishConfig: { access: 'public', executableFiles }, preferUnplugged: true }
  assert.doesNotMatch(faults(right), /executableFiles|preferUnplugged/)
  assert.match(faults({ ...right, preferUnplugged: undefined }), /preferUnplugged/)
  assert.match(faults({ ...right, publishConfig: { access: 'public' } }), /executableFiles/)
  const one = { access: 'public', executableFiles: executableFiles.slice(1) }
  assert.match(faults({ ...right, publishConfig: one }), /executableFiles/)
})

for (const [what, [change, fault]] of Object.entries(wrong)) {
  test(`fault in a manifest: ${what}`, () => {
    const faults = manifestFaults(contract, { ...manifest, ...change }, '>=20.19')
    assert.notEqual(faults.length, 0)
    assert.match(faults.join('\n'), fault)
  })
}
