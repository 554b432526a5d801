/** Which file the apps come from, and which of them are selected. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { loadApps, selectApps } from '../src/config/apps.js'
import { makeFolder } from './folders.js'

const config = '{ "apps": [{ "name": "a", "script": "a.js" }, { "name": "b", "script": "b.js" }] }'
const ecosystem = `module.exports = { script: 'c.js', watch: true, env_x: { A: 1 } }`

test('a config file takes precedence over a PM2 ecosystem file', async (t) => {
  const folder = makeFolder(t, {
    'reuse.config.json': config,
    'ecosystem.config.cjs': ecosystem,
    'other/ecosystem.config.cjs': ecosystem,
    'empty/package.json': '{}',
  })
  const first = await loadApps({ folder })
  assert.equal(first?.file, path.join(folder, 'reuse.config.json'))
  assert.deepEqual(
    first.apps.map(({ name }) => name),
    ['a', 'b'],
  )
  assert.deepEqual(first.ignored, [])

  const other = await loadApps({ folder: path.join(folder, 'other'), environment: 'x' })
  assert.equal(other?.file, path.join(folder, 'other/ecosystem.config.cjs'))
  assert.deepEqual(other.apps[0]?.env, { A: '1' })
  assert.equal(other.ignored[0]?.property, 'watch')

  const given = await loadApps({ folder, file: 'other/ecosystem.config.cjs' })
  assert.equal(given?.apps[0]?.name, 'c')
  assert.equal(await loadApps({ folder: path.join(folder, 'empty') }), null)
})

test('an environment is refused unless the file is a PM2 ecosystem file', async (t) => {
  const folder = makeFolder(t, { 'reuse.config.json': config })
  await assert.rejects(
    loadApps({ folder, environment: 'production' }),
    /reuse\.config\.json: only an ecosystem file of PM2 has environments, such as "production"$/,
  )
})

test('apps are selected by name, and an unknown name is an error', async (t) => {
  const folder = makeFolder(t, { 'reuse.config.json': config })
  const apps = await loadApps({ folder })
  assert.ok(apps !== null)
  const pick = (...names: string[]) => selectApps(apps, names).map(({ name }) => name)
  assert.deepEqual(pick(), ['a', 'b'])
  assert.deepEqual(pick('b'), ['b'])
  assert.deepEqual(pick('b', 'a', 'b'), ['a', 'b'])
  assert.throws(() => pick('a', 'c'), /reuse\.config\.json: there is no app "c"; there are a, b$/)
})
