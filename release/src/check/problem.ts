/** What is wrong with a binary. The two parts complete "expected …" and "found …". */
export interface Problem {
  expected: string
  found: string
}

/** Names in a sentence. */
export function listNames(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

/** Returns a problem if any names were found that should not be there. */
export function unexpected(expected: string, names: readonly string[]): Problem[] {
  return names.length === 0 ? [] : [{ expected, found: listNames(names) }]
}
