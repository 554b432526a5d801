import { readFileSync } from 'node:fs'

/** The code blocks of a Markdown file in one language, in order. */
export function codeBlocks(file: URL, language: string): string[] {
  const text = readFileSync(file, 'utf8')
  const blocks = text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)
  return [...blocks].filter(([, found]) => found === language).map(([, , code = '']) => code)
}
