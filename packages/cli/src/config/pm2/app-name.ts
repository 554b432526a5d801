import path from 'node:path'
import { configError } from '../app/config-error.js'
import type { Given } from './names.js'

/**
 * The name of an app: its name in PM2, or that of its script without the extension. PM2 allows any text; here
 * the name is also that of a folder, so other characters become `-`, as in the names of PM2's files.
 */
export function appName(
  app: ReadonlyMap<string, Given>,
  where: string,
): { name: string; given: string } {
  const value = app.get('name')?.value
  const script = path.basename(String(app.get('script')?.value ?? ''))
  const given = String(value ?? script.replace(/(?<=.)\.[^.]*$/, ''))
  const clean = given.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|-+$/g, '')
  const name = (/^\d+$/.test(clean) ? `app-${clean}` : clean).slice(0, 64)
  if (name === '')
    throw configError(where, `"name" has no letter or digit: ${JSON.stringify(given)}`)
  return { name, given }
}
