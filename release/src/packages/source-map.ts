/**
 * What is wrong with a source map that is published: its sources are not published, so it has to
 * contain their text.
 */
export function sourceMapFaults(file: string, text: string): string[] {
  const map: { sources?: string[]; sourcesContent?: (string | null)[] } = JSON.parse(text)
  const { sources = [], sourcesContent = [] } = map
  return sources
    .filter((_, index) => typeof sourcesContent[index] !== 'string')
    .map((source) => `${file} points to ${source}, and does not have its text`)
}
