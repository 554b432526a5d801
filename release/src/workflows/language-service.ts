import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import path from 'node:path'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { root } from '../root.js'
import type { Workflow } from './workflow.js'

// Its successor, registerHooks, is not in Node 20.
register('./json-modules.js', import.meta.url)
const { validate } = await import('@actions/languageservice')

/** The service caches its result for an address, so each text gets its own address. */
let asked = 0

/** What GitHub's own language service says: keys, values, events, `needs`, expressions, called workflows. */
export async function askLanguageService({ file, text }: Workflow): Promise<string[]> {
  const address = `file:///${++asked}/.github/workflows/${file}`
  const document = TextDocument.create(address, 'yaml', 1, text)
  const diagnostics = await validate(document, { fileProvider: { getFileContent } })
  return diagnostics.map(({ range, message }) => `line ${range.start.line + 1}: ${message}`)
}

async function getFileContent({ path: name }: { path: string }) {
  return { name, content: readFileSync(path.join(root, name), 'utf8') }
}
