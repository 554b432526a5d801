import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitepress'
import { showFileNames } from '../src/file-names.js'
import { expandReadmes, packagesIn } from '../src/readme.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function readmeOf(name: string): string {
  const atRoot = name === 'SECURITY' || name === 'README'
  return path.join(root, atRoot ? `${name}.md` : `packages/${name}/README.md`)
}

/** Puts what a page takes from the READMEs into it, and shows the names of its files. */
export function withReadmes(page: string): string {
  return expandReadmes(showFileNames(page), (name) => readFileSync(readmeOf(name), 'utf8'))
}

/** Does it before VitePress reads the page, and again when a README changes. */
export function readmes(): Plugin {
  return {
    name: 'readmes',
    enforce: 'pre',
    transform(page, id) {
      if (!id.endsWith('.md')) return null
      for (const name of packagesIn(page)) this.addWatchFile(readmeOf(name))
      return withReadmes(page)
    },
  }
}
