import fs from 'node:fs'
import path from 'node:path'
import { nameForm } from '../supervisor/options.js'

/** What Node runs by itself, if it knows TypeScript. */
export const scriptForm = /\.[cm]?[jt]s$/

/** The name of an app that nobody has named: that of the nearest package, or of the program. */
export function defaultName(program: string, isScript: boolean, cwd = '.'): string {
  const folder = isScript ? path.dirname(path.resolve(cwd, program)) : path.resolve(cwd)
  const names = [packageName(folder), path.basename(program).replace(scriptForm, '')]
  return names.map(simplify).find((name) => nameForm.test(name)) ?? 'app'
}

/** `@scope/name` is `name`. */
function simplify(name: string): string {
  return name.replace(/^.*\//, '').replaceAll(/[^A-Za-z0-9._-]/g, '-')
}

/** The name in the nearest package.json that has one; `''` if there is none. */
function packageName(folder: string): string {
  const parent = path.dirname(folder)
  try {
    const { name } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    if (typeof name === 'string') return name
  } catch {
    // There is no such file, or it cannot be read.
  }
  return parent === folder ? '' : packageName(parent)
}
