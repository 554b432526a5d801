/** Whatever a config file contains is accepted, or refused with an error that names the file. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fc, fuzz, readCorpus } from '@reuse/testkit/fuzz'
import { Ajv } from 'ajv'
import type { AppOptions } from '../src/config/app/options.js'
import { propertyNames } from '../src/config/app/properties.js'
import { checkConfig } from '../src/config/check-config.js'
import { readEcosystem } from '../src/config/ecosystem.js'
import { configSchema } from '../src/config/schema.js'
import { Failure } from '../src/failure.js'
import { invalid, invalidByCheck, valid } from './config-examples.js'
import { makeFolder } from './folders.js'

const isAny = (_: unknown): _ is unknown => true
const corpus = readCorpus(import.meta.url, 'configs', isAny)

const strings = fc.oneof(
  fc.constantFrom('web', 'server.js', 'auto', 'hash', '30s', '1500ms', '2m', '512M', '1024K', '0s'),
  fc.constantFrom('86401s', '1023K', '99999999m', '..', '/', '1', ''),
  fc.string({ unit: 'binary', maxLength: 10 }),
)
const values = fc.oneof(
  strings,
  fc.constantFrom(0, 1, 0.001, 1000, 256, 257, 86_400_000, 2 ** 20, 2 ** 53, 1e308, -1),
  fc.boolean(),
  fc.array(strings, { maxLength: 3 }),
  fc.dictionary(strings, strings, { maxKeys: 3, noNullPrototype: true }),
  fc.jsonValue(),
)

/** An app with some properties that are valid, and others that may be. */
const apps = (names: readonly string[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.constantFrom({ name: 'web', script: 'a.js' }, { name: 'api', command: 'true' }, {}),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), strings), values, {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    )
    .map(([right, others]) => ({ ...right, ...others }))

const files = (names: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    apps(names),
    fc.record({ apps: fc.array(apps(names), { maxLength: 3 }) }, { noNullPrototype: true }),
    fc.jsonValue(),
  )

/** What a JSON file with this content yields. */
const asJson = (given: unknown): unknown => JSON.parse(JSON.stringify(given) ?? 'null')

const folder = path.resolve('config-fuzz')

test('config check and JSON schema agree on random configs, and errors name the file', async (t) => {
  const validate = new Ajv({ strict: true, strictRequired: false }).compile(configSchema())
  const file = path.join(folder, 'reuse.config.json')
  let taken = 0
  await fuzz(t, files(propertyNames).map(asJson), {
    corpus: [...corpus, ...valid, ...[...invalid, ...invalidByCheck].map(([given]) => given)],
    runs: 3000,
    check: (given) => {
      let apps: AppOptions[]
      try {
        apps = checkConfig(given, file)
      } catch (error) {
        assert.ok(error instanceof Failure, `${error}`)
        assert.match(error.message, /^config-fuzz\/reuse\.config\.json: /)
        // The schema can detect neither two apps with one name, nor what a time with its unit amounts to.
        const isBeyond = /has the name ".+" too$|, got '\d+(ms|s|m|K|M|G)'$/.test(error.message)
        assert.ok(isBeyond || !validate(given), `only the check refuses it: ${error.message}`)
        return
      }
      taken++
      assert.ok(validate(given), JSON.stringify(validate.errors))
      // The result is valid itself: the check accepts it and does not change it.
      assert.deepEqual(checkConfig({ apps }, file), apps)
    },
  })
  assert.ok(taken > 100, `${taken} were taken`)
})

const namesOfPM2 = [
  ...['name', 'script', 'args', 'interpreter', 'interpreter_args', 'node_args', 'exec_mode', 'cwd'],
  ...['instances', 'env', 'env_production', 'max_memory_restart', 'kill_timeout', 'wait_ready'],
  ...['listen_timeout', 'watch', 'cron_restart', 'autorestart', 'merge_logs', 'out_file', 'user'],
  ...['instance_var', 'increment_var', 'source_map_support', 'exec_interpreter', 'port'],
]

test('a random PM2 ecosystem file yields valid apps or an error that names it', async (t) => {
  const file = path.join(makeFolder(t, {}), 'ecosystem.json')
  let taken = 0
  await fuzz(t, files(namesOfPM2).map(asJson), {
    corpus,
    runs: 500,
    check: async (given) => {
      writeFileSync(file, JSON.stringify(given))
      let apps: AppOptions[]
      try {
        apps = (await readEcosystem(file)).apps
      } catch (error) {
        assert.ok(error instanceof Failure, `${error}`)
        assert.ok(error.message.includes('ecosystem.json: '), error.message)
        return
      }
      taken++
      assert.deepEqual(checkConfig({ apps }, file), apps)
    },
  })
  assert.ok(taken > 10, `${taken} were taken`)
})
