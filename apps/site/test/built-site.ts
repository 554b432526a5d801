import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'

export interface BuiltSite {
  folder: string
  /** The paths of its pages: `guide/leaving.html`. */
  pages: string[]
  /** Where it is served, without a slash at the end. */
  origin: string
}

const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

/** The address for which it is built. */
export const publishedAt = 'https://reuse.example/'

/** Builds the site into its own folder, and serves it. */
export async function buildAndServe(after: (end: () => void) => void): Promise<BuiltSite> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-site-'))
  after(() => rmSync(folder, { recursive: true }))
  const env = { ...process.env, SITE_URL: publishedAt }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--to', folder], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the site could not be built:\n${stdout}${stderr}`)

  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const pages = files.filter((file) => file.endsWith('.html')).sort()
  const serve = sirv(folder, { extensions: ['html'] })
  const server = http.createServer((request, response) => {
    serve(request, response, () => {
      response.writeHead(404).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.closeAllConnections())
  after(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { folder, pages, origin: `http://127.0.0.1:${address.port}` }
}

/** The address under which a page is linked. */
export function urlOf(page: string): string {
  return `/${page.replace(/\.html$/, '').replace(/(^|\/)index$/, '$1')}`
}
