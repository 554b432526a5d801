import { existsSync } from 'node:fs'
import path from 'node:path'
import { configError } from './app/config-error.js'
import type { AppOptions } from './app/options.js'
import { checkConfig } from './check-config.js'
import { importFile, readJson } from './import-file.js'

export interface Config {
  /** In the order of the file. */
  apps: AppOptions[]
}

const names = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'json'].map((one) => `reuse.config.${one}`)

/**
 * Finds the config file of a folder.
 *
 * @returns its absolute path, or null if there is none
 * @throws Failure if there are several
 */
export function findConfig(folder: string): string | null {
  return findOne(folder, names)
}

export function findOne(folder: string, candidates: readonly string[]): string | null {
  const found = candidates.filter((name) => existsSync(path.join(folder, name)))
  if (found.length > 1) {
    throw configError(
      found.join(', '),
      'there must be one config file, and these are several; --config says which one is meant',
    )
  }
  return found[0] === undefined ? null : path.resolve(folder, found[0])
}

/**
 * Reads a config file: JavaScript, TypeScript or JSON. The code in it runs.
 *
 * @throws Failure that names the file, the app and the property, if something in the file is wrong
 */
export async function readConfig(file: string): Promise<Config> {
  const absolute = path.resolve(file)
  const read = path.extname(absolute) === '.json' ? readJson : importFile
  return { apps: checkConfig(await read(absolute), absolute) }
}
