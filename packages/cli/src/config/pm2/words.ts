/** White space, text in quotes, a character after a backslash, or plain text. */
const piece = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/gy

/**
 * Splits a text into words as a shell does: at white space, except in quotes and after a backslash. Nothing
 * is expanded.
 *
 * @returns null if a quote is not closed, or nothing follows a backslash
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let read = 0
  for (const [whole, space, single, double, escaped, plain] of text.matchAll(piece)) {
    read += whole.length
    if (space === undefined) {
      // In double quotes, a backslash is literal unless the next character has a meaning there.
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
