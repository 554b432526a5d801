import path from 'node:path'
import { configError, fileName } from './app/config-error.js'
import type { AppOptions } from './app/options.js'
import { type Ecosystem, findEcosystem, isEcosystem, readEcosystem } from './ecosystem.js'
import { findConfig, readConfig } from './load.js'

/** Where the apps are looked for. */
export interface AppsSource {
  /** If no file is given, the folder in which one is looked for. */
  folder: string
  /** A config file, or an ecosystem file of PM2. */
  file?: string
  /** The environment of an ecosystem file. */
  environment?: string
}

export interface Apps extends Ecosystem {
  /** The absolute path of the file that the apps come from. */
  file: string
}

/**
 * Reads the apps of the given file. Without one, reads those of the folder's config file or, if there is
 * none, of its ecosystem file.
 *
 * @returns null if the folder has neither
 * @throws Failure that names the file, the app and the property
 */
export async function loadApps({ folder, file, environment }: AppsSource): Promise<Apps | null> {
  const found = file === undefined ? (findConfig(folder) ?? findEcosystem(folder)) : file
  if (found === null) return null
  const absolute = path.resolve(folder, found)
  if (isEcosystem(absolute)) {
    return { file: absolute, ...(await readEcosystem(absolute, environment)) }
  }
  if (environment !== undefined) {
    throw configError(
      fileName(absolute),
      `only an ecosystem file of PM2 has environments, such as "${environment}"`,
    )
  }
  return { file: absolute, ignored: [], ...(await readConfig(absolute)) }
}

/**
 * Picks apps by their names; without names, all of them. They stay in the order of the file.
 *
 * @throws Failure if there is no such app
 */
export function selectApps(
  { file, apps }: Pick<Apps, 'file' | 'apps'>,
  names: readonly string[],
): AppOptions[] {
  const known = apps.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw configError(fileName(file), `there is no app "${unknown}"; there are ${known.join(', ')}`)
  }
  return names.length === 0 ? apps : apps.filter(({ name }) => names.includes(name))
}
