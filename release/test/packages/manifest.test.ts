import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PackageContract } from '../../src/packages/contracts.js'
import { manifestFaults } from '../../src/packages/manifest.js'

const contract: PackageContract = {
  name: '@reuse/koa',
  directory: 'packages/koa',
  dependencies: ['@reuse/core'],
  peer: 'koa',
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
    '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
    './package.json': './package.json',
  },
  dependencies: { '@reuse/core': '^1.0.0' },
  peerDependencies: { koa: '^3.0.0' },
}

test('a manifest as it should be has no fault', () => {
  assert.deepEqual(manifestFaults(contract, manifest, '>=20.19'), [])
})

const wrong: Record<string, [change: Record<string, unknown>, fault: RegExp]> = {
  'a range of the workspace': [
    { dependencies: { '@reuse/core': 'workspace:^' } },
    /range of the workspace/,
  ],
  'a range of the workspace among what is for development': [
    { devDependencies: { '@reuse/testkit': 'workspace:*' } },
    /range of the workspace/,
  ],
  'one more dependency': [
    { dependencies: { '@reuse/core': '^1.0.0', 'left-pad': '*' } },
    /installs @reuse\/core, left-pad, not @reuse\/core/,
  ],
  'an optional dependency': [{ optionalDependencies: { fsevents: '*' } }, /optional/],
  'another peer': [{ peerDependencies: { express: '*' } }, /peers are express/],
  'other engines': [{ engines: { node: '>=18' } }, /engines\.node is not >=20\.19/],
  'no folder in the repository': [
    { repository: { url: 'git+https://example.org' } },
    /repository\.directory/,
  ],
  'no repository': [{ repository: undefined }, /repository\.url/],
  'side effects': [{ sideEffects: undefined }, /sideEffects/],
  'types that come second': [
    { exports: { '.': { default: './index.js', types: './index.d.ts' } } },
    /exports\["\."\] does not begin with its types/,
  ],
  'no exports': [{ exports: undefined }, /exports has no "\."/],
  'a private package': [{ private: true }, /private/],
}

for (const [what, [change, fault]] of Object.entries(wrong)) {
  test(`${what} is a fault`, () => {
    const faults = manifestFaults(contract, { ...manifest, ...change }, '>=20.19')
    assert.notEqual(faults.length, 0)
    assert.match(faults.join('\n'), fault)
  })
}
