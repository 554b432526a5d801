/** White space, what is in quotes, what is behind a backslash, or plain text. */
const piece = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/gy

/**
 * Splits a text into words as a shell does: by white space, except in quotes and behind a backslash.
 * Nothing is expanded.
 *
 * @returns null where a quote is not closed, or nothing stands behind a backslash
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let read = 0
  for (const [whole, space, single, double, escaped, plain] of text.matchAll(piece)) {
    read += whole.length
    if (space === undefined) {
      // In double quotes, a backslash is one unless what follows has a meaning there.
      const unquoted = double?.replace(/\\(["\\$`])/g, '$1')
      word = (word ?? '') + (single ?? unquoted ?? escaped ?? plain ?? '')
    } else if (word !== null) {
      words.push(word)
      word = null
    }
  }
  if (read < text.length) return null
  return word === null ? words : [...words, word]
}
