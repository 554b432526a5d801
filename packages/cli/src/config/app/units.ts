/** Times and sizes with a unit, which a config file may have in place of a number. */

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }
const bytes: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

export const timePattern = '^\\d{1,8}(ms|s|m)$'
export const sizePattern = '^\\d{1,13}[KMG]$'

/** `'30s'` is 30 000 milliseconds. A value that is not a string is left as it is. */
export function readTime(value: unknown): unknown {
  return withUnit(value, milliseconds)
}

/** `'512M'` is 536 870 912 bytes: the units are powers of 1024. */
export function readSize(value: unknown): unknown {
  return withUnit(value, bytes)
}

function withUnit(value: unknown, units: Readonly<Record<string, number>>): unknown {
  if (typeof value !== 'string') return value
  const [, number, unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(value) ?? []
  return Number(number) * (units[unit] ?? Number.NaN)
}
