import path from 'node:path'
import { inspect } from 'node:util'
import { type Failure, wrongUsage } from '../../failure.js'

/** Something in a config file is wrong. The message names the file, the app and the property. */
export function configError(where: string, what: string): Failure {
  return wrongUsage(`${where}: ${what}`)
}

/** How messages name a file: relative to this folder or, if it is outside, by its whole path. */
export function fileName(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative
}

/** Shows a wrong value, but not what is inside it, such as variables, which may be secret. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
}
