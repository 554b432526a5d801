import path from 'node:path'
import { ofScripts } from '../../supervisor/options.js'
import { configError, show } from './config-error.js'
import { isRecord, matches } from './json-schema.js'
import type { AppOptions } from './options.js'
import { isPropertyName, type PropertyName, properties, propertyNames } from './properties.js'

/** @throws Failure if two apps have the same name: only one manager of a user can run an app */
export function refuseDuplicates(apps: readonly AppOptions[], where: string): void {
  for (const [index, { name }] of apps.entries()) {
    const first = apps.findIndex((one) => one.name === name)
    if (first === index) continue
    throw configError(`${where}: apps[${index}]`, `apps[${first}] has the name "${name}" too`)
  }
}

/**
 * Checks one app. Paths are relative to `folder`.
 *
 * @throws Failure
 */
export function checkApp(given: unknown, where: string, folder: string): AppOptions {
  if (!isRecord(given)) throw configError(where, `an app must be an object, got ${show(given)}`)
  const options = checkProperties(given, where)
  const { script, command, cwd } = options
  if ((script === undefined) === (command === undefined)) {
    throw configError(where, 'an app must have either "script" or "command"')
  }
  for (const name of ofScripts) {
    if (options[name] === undefined || script !== undefined) continue
    throw configError(where, `"${name}" is for a "script", not for a "command"`)
  }
  return {
    ...options,
    ...(script === undefined ? {} : { script: path.resolve(folder, script) }),
    ...(command === undefined ? {} : { command: resolveCommand(command, folder) }),
    cwd: path.resolve(folder, cwd ?? '.'),
  }
}

function checkProperties(given: Readonly<Record<string, unknown>>, where: string): AppOptions {
  const checked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (!isPropertyName(name)) {
      const known = propertyNames.join(', ')
      throw configError(where, `unknown property "${name}"; the properties are ${known}`)
    }
    if (value !== undefined) checked[name] = checkProperty(name, value, where)
  }
  if (checked.name === undefined) throw configError(where, '"name" is missing')
  // Each property has been checked against its row of the table, whose types the compiler does not know.
  return checked as unknown as AppOptions
}

/**
 * Checks one property, and converts a value that has a unit.
 *
 * @param shown the name of the property in the file
 */
export function checkProperty(
  name: PropertyName,
  value: unknown,
  where: string,
  shown: string = name,
): unknown {
  const { schema, expected, convert = (same) => same, got = defaultGot } = properties[name]
  if (matches(schema, value)) {
    const converted = convert(value)
    if (matches(schema, converted)) return converted
  }
  throw configError(where, `"${shown}" ${expected}, ${got(value)}`)
}

function defaultGot(value: unknown): string {
  return `got ${show(value)}`
}

/** A path, or a name that is looked for in `PATH`. */
function resolveCommand(command: string, folder: string): string {
  return command.includes('/') ? path.resolve(folder, command) : command
}
