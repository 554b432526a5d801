import path from 'node:path'
import { checkApp, refuseDuplicates } from './app/check.js'
import { configError, fileName, show } from './app/config-error.js'
import { isRecord } from './app/json-schema.js'
import type { AppOptions } from './app/options.js'

/**
 * Checks what a config file gives: an app, or `{ apps: [ … ] }`.
 *
 * @param file its absolute path; relative paths in the file start from its folder
 * @returns the apps in the order of the file, with times in milliseconds, sizes in bytes and absolute paths
 * @throws Failure that names the file, the app and the property
 */
export function checkConfig(given: unknown, file: string): AppOptions[] {
  const where = fileName(file)
  if (!isRecord(given)) throw configError(where, `the config must be an object, got ${show(given)}`)
  const { $schema, ...config } = given
  if ($schema !== undefined && typeof $schema !== 'string') {
    throw configError(where, `"$schema" must be a string, got ${show($schema)}`)
  }
  const folder = path.dirname(file)
  if (!('apps' in config)) return [checkApp(config, where, folder)]
  const { apps, ...others } = config
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw configError(
      where,
      `unknown property "${unknown}"; only "apps" and "$schema" are allowed here`,
    )
  }
  if (!Array.isArray(apps) || apps.length === 0) {
    throw configError(where, `"apps" must be an array with at least one app, got ${show(apps)}`)
  }
  const checked = apps.map((app, index) => checkApp(app, `${where}: apps[${index}]`, folder))
  refuseDuplicates(checked, where)
  return checked
}
