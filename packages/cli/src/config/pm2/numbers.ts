import os from 'node:os'
import { checkProperty } from '../app/check.js'
import { configError } from '../app/config-error.js'
import type { PropertyName } from '../app/properties.js'
import { readSize } from '../app/units.js'
import type { Given } from './names.js'

type Read = (given: Given, where: string) => unknown

/** The properties whose value is a number, by PM2's names. */
const rows: readonly [name: string, counterpart: PropertyName, read: Read][] = [
  ['instances', 'instances', readInstances],
  ['kill_timeout', 'leaveTimeout', readNumber],
  ['listen_timeout', 'readyTimeout', readNumber],
  ['max_memory_restart', 'maxMemory', readMemory],
]

/** @throws Failure if a number is out of range; the message has PM2's name for it */
export function numbersOf(
  app: ReadonlyMap<string, Given>,
  where: string,
): Partial<Record<PropertyName, unknown>> {
  const numbers: Partial<Record<PropertyName, unknown>> = {}
  for (const [name, counterpart, read] of rows) {
    const given = app.get(name)
    const value = given && read(given, where)
    // PM2 treats 0 as no value.
    if (given === undefined || value === 0) continue
    numbers[counterpart] = checkProperty(counterpart, value, where, given.shown)
  }
  return numbers
}

/** PM2 accepts numbers as strings too. */
function readNumber({ value }: Given): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
}

function readMemory(given: Given): unknown {
  const value = readNumber(given)
  return typeof value === 'string' && /^\d+[KMG]$/.test(value) ? readSize(value) : value
}

/** `max` and 0 mean as many as there are processors; -1 means one less than that. */
function readInstances(given: Given, where: string): unknown {
  const count = given.value === 'max' ? 0 : readNumber(given)
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    const got = String(given.value)
    throw configError(where, `"${given.shown}" must be an integer or "max", got ${got}`)
  }
  if (count === 0) return 'auto'
  return count > 0 ? count : Math.max(1, os.availableParallelism() + count)
}
