import { show } from './show.js'

/** What one option may be. */
export type Rule =
  | { readonly type: 'boolean' | 'string' }
  | {
      readonly type: 'integer'
      readonly min: number
      readonly max: number
      /** What the number counts, where that is easily mistaken. */
      readonly unit?: 'milliseconds' | 'seconds'
    }
  | { readonly type: 'one of'; readonly values: readonly string[] }
  /** Checked by its own function, which throws a TypeError or RangeError about the subject. */
  | { readonly type: 'checked'; check(subject: string, value: unknown): void }

/** The options of one function: what each may be. */
export type Schema<T> = { readonly [Name in keyof T]-?: Rule }

/** The rule of every option that is a port. */
export const portRule: Rule = { type: 'integer', min: 1, max: 65535 }

/** What to say about names that are not options here but belong to something else. */
export type Elsewhere = Readonly<Record<string, string>>

/**
 * Checks what a caller gave against a schema; `undefined` stands for "not given".
 *
 * @throws TypeError on an unknown name, with a similar name or what `elsewhere` says about it, or on a
 * value of the wrong type
 * @throws RangeError on a number out of range
 */
export function checkOptions<T extends object>(
  caller: string,
  given: T,
  schema: Schema<T>,
  elsewhere: Elsewhere = {},
): T {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${caller}: options must be an object, got ${show(given)}`)
  }
  const rules = new Map<string, Rule>(Object.entries(schema))
  for (const [name, value] of Object.entries(given)) {
    const rule = rules.get(name)
    if (rule === undefined) {
      const remedy = Object.hasOwn(elsewhere, name)
        ? elsewhere[name]
        : suggest(name, [...rules.keys()])
      throw new TypeError(`${caller}: unknown option "${name}"; ${remedy}`)
    }
    if (value !== undefined) checkValue(`${caller}: option "${name}"`, value, rule)
  }
  return given
}

function checkValue(subject: string, value: unknown, rule: Rule): void {
  switch (rule.type) {
    case 'integer': {
      const unit = rule.unit === undefined ? '' : ` (${rule.unit})`
      const expected = `must be an integer from ${rule.min} to ${rule.max}${unit}`
      if (typeof value !== 'number') {
        throw new TypeError(`${subject} ${expected}, got ${show(value)}`)
      }
      if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
        throw new RangeError(`${subject} ${expected}, got ${show(value)}`)
      }
      break
    }
    case 'checked':
      rule.check(subject, value)
      break
    case 'one of':
      if (typeof value !== 'string' || !rule.values.includes(value)) {
        const expected = rule.values.map((name) => `"${name}"`).join(' or ')
        throw new TypeError(`${subject} must be ${expected}, got ${show(value)}`)
      }
      break
    default:
      if (typeof value !== rule.type) {
        throw new TypeError(`${subject} must be a ${rule.type}, got ${show(value)}`)
      }
  }
}

/** A name is similar if at most two of its letters, or a third of them, are wrong. */
function suggest(name: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, edits: distance(name, candidate) }))
  const [nearest] = distances.sort((a, b) => a.edits - b.edits)
  if (nearest !== undefined && nearest.edits <= Math.max(2, name.length / 3)) {
    return `did you mean "${nearest.candidate}"?`
  }
  return `the options are ${known.join(', ')}`
}

/** Levenshtein's edit distance, without regard to case. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from.toLowerCase()].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      const removed = (row[column + 1] ?? 0) + 1
      const added = (next[column] ?? 0) + 1
      next.push(Math.min(replaced, removed, added))
    }
    row = next
  }
  return row[to.length] ?? 0
}
