import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitepress'
import { expandReadmes, packagesIn } from '../src/readme.js'

const packages = fileURLToPath(new URL('../../../packages', import.meta.url))

const readmeOf = (name: string) => path.join(packages, name, 'README.md')

/** Puts what a page takes from the READMEs into it. */
export function withReadmes(page: string): string {
  return expandReadmes(page, (name) => readFileSync(readmeOf(name), 'utf8'))
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
