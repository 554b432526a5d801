import path from 'node:path'
import { inspect } from 'node:util'
import { type Failure, wrongUsage } from '../../failure.js'

/** A config file is not as it should be. The message names the file, the app and the property. */
export function configError(where: string, what: string): Failure {
  return wrongUsage(`${where}: ${what}`)
}

/** How a file is called: from this folder, or, where it is outside, by its whole path. */
export function fileName(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative
}

/** What came in place of what was expected. What is inside of it, such as variables, may be secret. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
}
