/** The config file: where it is found, what it may be, and what is wrong with it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { fileName } from '../src/config/app/config-error.js'
import { defineConfig } from '../src/config/define.js'
import { findConfig, readConfig } from '../src/config/load.js'
import { configSchema } from '../src/config/schema.js'
import { invalid, invalidByCheck, valid } from './config-examples.js'
import { makeFolder } from './folders.js'

const hasTypeScript = 'typescript' in process.features && Boolean(process.features.typescript)
const needsTypeScript = { skip: !hasTypeScript && 'this Node does not run TypeScript' }
const needsNoTypeScript = { skip: hasTypeScript && 'this Node runs TypeScript' }

const app = `{ name: 'web', script: 'server.js' }`

const forms: [name: string, content: string][] = [
  ['reuse.config.mjs', `export default ${app}`],
  ['reuse.config.mjs', `export default { apps: [${app}] }`],
  ['reuse.config.mjs', `export default () => (${app})`],
  ['reuse.config.mjs', `export default async () => ({ apps: [${app}] })`],
  ['reuse.config.mjs', `export default Promise.resolve(${app})`],
  ['reuse.config.cjs', `module.exports = ${app}`],
  ['reuse.config.cjs', `module.exports = async () => (${app})`],
  ['reuse.config.js', `module.exports = { apps: [${app}] }`],
  ['reuse.config.json', `{ "name": "web", "script": "server.js" }`],
]

for (const [name, content] of forms) {
  test(`${name} is read: ${content}`, async (t) => {
    const folder = makeFolder(t, { [name]: content })
    const file = findConfig(folder)
    assert.equal(file, path.join(folder, name))
    const script = path.join(folder, 'server.js')
    assert.deepEqual(await readConfig(file), { apps: [{ name: 'web', script, cwd: folder }] })
  })
}

test('reuse.config.js is an ES module if package.json says "type": "module"', async (t) => {
  const folder = makeFolder(t, {
    'package.json': '{ "type": "module" }',
    'reuse.config.js': `export default ${app}`,
  })
  const { apps } = await readConfig(path.join(folder, 'reuse.config.js'))
  assert.equal(apps[0]?.name, 'web')
})

for (const [name, content] of [
  ['reuse.config.ts', `const name: string = 'web'; export default { name, script: 'server.js' }`],
  ['reuse.config.mts', `const name: string = 'web'; export default { name, script: 'server.js' }`],
  [
    'reuse.config.cts',
    `const name: string = 'web'; module.exports = { name, script: 'server.js' }`,
  ],
] as const) {
  test(`${name} is read as TypeScript`, needsTypeScript, async (t) => {
    const folder = makeFolder(t, { 'package.json': '{ "type": "module" }', [name]: content })
    const file = findConfig(folder)
    assert.ok(file !== null)
    const script = path.join(folder, 'server.js')
    assert.deepEqual(await readConfig(file), { apps: [{ name: 'web', script, cwd: folder }] })
  })

  test(`${name} is refused on a Node that cannot run TypeScript`, needsNoTypeScript, async (t) => {
    const file = path.join(makeFolder(t, { [name]: content }), name)
    await assert.rejects(readConfig(file), {
      message: `${file}: Node ${process.versions.node} does not run TypeScript as it is started here; Node 22.18 and newer do`,
      exitCode: 2,
    })
  })
}

test('findConfig returns null in a folder without a config file', (t) => {
  assert.equal(findConfig(makeFolder(t, { 'config.js': '' })), null)
})

test('several config files in one folder are an error', (t) => {
  const folder = makeFolder(t, { 'reuse.config.json': '', 'reuse.config.ts': '', 'a.js': '' })
  assert.throws(() => findConfig(folder), {
    message:
      'reuse.config.ts, reuse.config.json: there must be one config file, and these are several; --config says which one is meant',
  })
})

test('paths in a config file are relative to it, and times and sizes are converted', async (t) => {
  const folder = makeFolder(t, {
    'deploy/any-name.mjs': `export default { apps: [
      { name: 'b', script: '../dist/server.js', cwd: '..', args: ['x'], readyTimeout: '1m',
        leaveTimeout: '1500ms', holdTimeout: 5, maxMemory: '1G', instances: 'auto', nodeArgs: undefined },
      { name: 'a', command: './bin/server', maxMemory: '2048K' },
      { name: 'c', command: 'python3', cwd: '/' },
    ] }`,
  })
  assert.deepEqual(await readConfig(path.join(folder, 'deploy/any-name.mjs')), {
    apps: [
      {
        ...{ name: 'b', script: path.join(folder, 'dist/server.js'), cwd: folder, args: ['x'] },
        ...{ readyTimeout: 60_000, leaveTimeout: 1500, holdTimeout: 5, maxMemory: 2 ** 30 },
        instances: 'auto',
      },
      {
        ...{ name: 'a', command: path.join(folder, 'deploy/bin/server'), maxMemory: 2 ** 21 },
        cwd: path.join(folder, 'deploy'),
      },
      { name: 'c', command: 'python3', cwd: path.resolve('/') },
    ],
  })
})

test('errors show a path below the working directory as a relative path', () => {
  assert.equal(fileName(path.resolve('reuse.config.js')), 'reuse.config.js')
  assert.equal(fileName(path.resolve('a', 'reuse.config.js')), path.join('a', 'reuse.config.js'))
  assert.equal(fileName(path.resolve('..', 'reuse.config.js')), path.resolve('../reuse.config.js'))
})

test('defineConfig returns its argument and checks its type', () => {
  const one = { name: 'web', script: 'server.js', readyTimeout: '30s', maxMemory: '1G' } as const
  assert.equal(defineConfig(one), one)
  const several = async () => ({ apps: [one] })
  assert.equal(defineConfig(several), several)
  // @ts-expect-error A property of that name is unknown.
  defineConfig({ name: 'web', script: 'server.js', instance: 2 })
  // @ts-expect-error There is no such unit.
  defineConfig({ apps: [{ name: 'web', script: 'server.js', readyTimeout: '1h' }] })
})

/** Reads a config file that exports this. */
async function readGiven(t: Parameters<typeof makeFolder>[0], given: unknown): Promise<string> {
  const content = `export default ${JSON.stringify(given)}`
  const file = path.join(makeFolder(t, { 'reuse.config.mjs': content }), 'reuse.config.mjs')
  try {
    await readConfig(file)
    return 'valid'
  } catch (error) {
    assert.ok(error instanceof Error)
    return error.message.replace(`${file}: `, '')
  }
}

for (const given of valid) {
  test(`a config is accepted: ${JSON.stringify(given).slice(0, 90)}`, async (t) => {
    assert.equal(await readGiven(t, given), 'valid')
  })
}

for (const [given, says] of [...invalid, ...invalidByCheck]) {
  test(`a config is refused: ${says.slice(0, 90)}`, async (t) => {
    assert.equal(await readGiven(t, given), says)
  })
}

const unreadable: [name: string, content: string, says: RegExp][] = [
  ['a.mjs', 'export const apps = []', /^FILE: the config must be an object, got undefined$/],
  ['a.mjs', '\nthrow new Error("boom")', /^FILE: cannot be loaded: Error: boom\n.*a\.mjs:2:7/],
  ['a.mjs', 'export default () => { throw "boom" }', /^FILE: cannot be loaded: boom$/],
  ['a.cjs', 'module.exports = {', /^FILE: cannot be loaded: .*SyntaxError: /s],
  ['a.mjs', 'import "./none.js"', /^FILE: cannot be loaded: .*Cannot find module '.*none\.js'/s],
  ['a.json', '{ name: 1 }', /^FILE: is not JSON: /],
  ['b.json', '{}', /^FILE: cannot be read: ENOENT: /],
]

for (const [name, content, says] of unreadable) {
  test(`${name} is refused: ${content}`, async (t) => {
    const folder = makeFolder(t, { [name.replace('b', 'other')]: content })
    const file = path.join(folder, name)
    await assert.rejects(readConfig(file), (error: Error) => {
      assert.match(error.message.replaceAll(`${file}: `, 'FILE: '), says)
      return true
    })
  })
}

test('the published JSON schema is the one generated from the config properties', () => {
  // As an editor finds it from a program's folder.
  const file = new URL(import.meta.resolve('@reuse/cli/reuse.config.schema.json'))
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), configSchema())
})

test('the JSON schema and the config check agree on the examples', async (t) => {
  // `required` in a `oneOf` is about properties that are declared outside it.
  const validate = new Ajv({ strict: true, strictRequired: false }).compile(configSchema())
  for (const given of valid) assert.ok(validate(given), JSON.stringify(given))
  for (const [given] of invalid) assert.ok(!validate(given), JSON.stringify(given))
  await t.test('the JSON schema accepts the mistakes that only the config check can detect', () => {
    for (const [given] of invalidByCheck) assert.ok(validate(given), JSON.stringify(given))
  })
})
