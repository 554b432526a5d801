import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { siteFolder } from '../src/places.js'

/** A block of code on a page. */
export interface Snippet {
  page: string
  language: string
  /** What is in brackets after the language; a snippet with a name is a whole file. */
  name: string | undefined
  code: string
}

const pages = path.join(siteFolder, 'pages')

/** The blocks of code on every page that is written by hand. */
export const snippets: readonly Snippet[] = readdirSync(pages, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.md') && !file.startsWith('api'))
  .flatMap(snippetsOf)

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(path.join(pages, page), 'utf8')
  const blocks = text.matchAll(/^```(\w+)(?: \[(.+)\])?\n([\s\S]*?)^```$/gm)
  return [...blocks].map(([, language = '', name, code = '']) => ({ page, language, name, code }))
}

/** Writes the files of one page to a folder from which they find the packages; returns the folder. */
export function writeFiles(page: string): string {
  const folder = fileURLToPath(new URL(`../snippets/${page.replace('.md', '')}/`, import.meta.url))
  mkdirSync(folder, { recursive: true })
  const files = snippets.filter((one) => one.page === page && one.name !== undefined)
  if (files.length === 0) throw new Error(`${page} has no files`)
  for (const { name = '', code } of files) {
    writeFileSync(path.join(folder, path.basename(name)), code)
    const compiled = compiledName(name)
    if (compiled !== name) writeFileSync(path.join(folder, compiled), compile(code))
  }
  return folder
}

/** The file that runs: TypeScript is compiled, because not every supported Node strips types. */
export function compiledName(name: string): string {
  return name.replace(/\.ts$/, '.mjs')
}

/** What NestJS needs besides `strict`. */
export const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
}

function compile(code: string): string {
  const options = { ...compilerOptions, module: ts.ModuleKind.ESNext, noEmit: false }
  return ts.transpileModule(code, { compilerOptions: options }).outputText
}
