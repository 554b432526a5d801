import path from 'node:path'
import vm from 'node:vm'
import { refuseDuplicates } from './app/check.js'
import { configError, fileName, show } from './app/config-error.js'
import { isRecord } from './app/json-schema.js'
import { describe, importFile, readText } from './import-file.js'
import { type Config, findOne } from './load.js'
import { mapApp } from './pm2/app.js'
import { checkEnvironment } from './pm2/environment.js'
import { type Ignored, whyIgnoredOfFile } from './pm2/ignored.js'
import { byName, type Given } from './pm2/names.js'

export type { Ignored } from './pm2/ignored.js'

export interface Ecosystem extends Config {
  /** What PM2 would do but `reuse run` does not. */
  ignored: Ignored[]
}

const names = [
  ...['js', 'cjs', 'mjs', 'json'].map((one) => `ecosystem.config.${one}`),
  'ecosystem.json',
  ...['js', 'cjs', 'mjs', 'json'].map((one) => `pm2.config.${one}`),
]

/**
 * Finds PM2's ecosystem file in a folder.
 *
 * @returns its absolute path, or null if there is none
 * @throws Failure if there are several
 */
export function findEcosystem(folder: string): string | null {
  return findOne(folder, names)
}

/** Whether a file, given by its path, is an ecosystem file, by its name. */
export function isEcosystem(file: string): boolean {
  return /^(ecosystem|pm2|process)\./.test(path.basename(file))
}

/**
 * Reads an ecosystem file: JavaScript, or JSON with comments. The code in it runs.
 *
 * @param environment with `production`, the variables of `env_production` apply too
 * @throws Failure that names the file, the app and the property, if something in the file is wrong
 */
export async function readEcosystem(
  file: string,
  environment: string | null = null,
): Promise<Ecosystem> {
  const absolute = path.resolve(file)
  const where = fileName(absolute)
  const { apps, deploy, others } = split(await readFile(absolute), where)
  const sorted = apps.map(({ app, place }) => ({ app: sort(app, place), place }))
  const surroundings = { folder: path.dirname(absolute), deploy, environment }
  checkEnvironment(
    sorted.map(({ app }) => app),
    surroundings,
    where,
  )
  const mapped = sorted.map(({ app, place }) => mapApp(app, surroundings, place))
  const options = mapped.map((one) => one.options)
  refuseDuplicates(options, where)
  const ofFile = others.map((property) => {
    return { app: null, property, why: whyIgnoredOfFile(property) }
  })
  return { apps: options, ignored: [...mapped.flatMap(({ ignored }) => ignored), ...ofFile] }
}

function readFile(file: string): Promise<unknown> {
  const extension = path.extname(file)
  if (extension === '.json') return readExpression(file)
  if (/^\.ya?ml$/.test(extension)) {
    throw configError(fileName(file), 'YAML is not read; write it as JSON or JavaScript')
  }
  // PM2 accepts a module's named exports too.
  return importFile(file, (module) => module.default ?? module)
}

/** PM2 runs the content of a JSON file as JavaScript, and comments are common there. */
async function readExpression(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    return vm.runInThisContext(`(${text}\n)`, { filename: file })
  } catch (error) {
    throw configError(fileName(file), `cannot be read: ${describe(error)}`)
  }
}

/** What is in a file, and where each app is in it. */
interface Parts {
  apps: { app: unknown; place: string }[]
  deploy: unknown
  /** The names of the other properties. */
  others: string[]
}

/** Reads an app, an array of them, or an object with an array of them. */
function split(given: unknown, where: string): Parts {
  if (Array.isArray(given)) return { apps: placed(given, where), deploy: null, others: [] }
  if (!isRecord(given)) {
    throw configError(where, `the config must be an object or an array, got ${show(given)}`)
  }
  const { apps, pm2, ...rest } = given
  const list = apps ?? pm2
  if (list !== undefined) {
    const array = Array.isArray(list) ? list : [list]
    return { apps: placed(array, where), deploy: rest.deploy, others: Object.keys(rest) }
  }
  const { deploy, ...app } = rest
  const others = deploy === undefined ? [] : ['deploy']
  return { apps: [{ app, place: where }], deploy, others }
}

function placed(apps: readonly unknown[], where: string): Parts['apps'] {
  if (apps.length === 0) throw configError(where, '"apps" must have at least one app')
  return apps.map((app, index) => ({ app, place: `${where}: apps[${index}]` }))
}

function sort(app: unknown, where: string): Map<string, Given> {
  if (isRecord(app)) return byName(app)
  throw configError(where, `an app must be an object, got ${show(app)}`)
}
