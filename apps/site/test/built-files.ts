import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import * as core from '@reuse/core'
import { type BuiltSite, urlOf } from './built-site.js'

/** What is built holds together: links, anchors, and the API. */
export async function testFiles(t: TestContext, site: BuiltSite): Promise<void> {
  await t.test('every link leads somewhere, and every anchor is there', () => {
    const anchors = new Map(
      site.pages.map((page) => [urlOf(page), new Set(attributes(read(site, page), 'id'))]),
    )
    const faults: string[] = []
    for (const page of site.pages) {
      for (const href of attributes(read(site, page), 'href')) {
        const fault = faultOf(site, new URL(href, `http://site${urlOf(page)}`), anchors)
        if (fault !== null) faults.push(`${page}: ${href}: ${fault}`)
      }
    }
    assert.deepEqual(faults, [])
  })

  await t.test('nothing is loaded from elsewhere', () => {
    for (const page of site.pages) {
      for (const source of attributes(read(site, page), 'src'))
        assert.match(source, /^\/[^/]/, page)
    }
  })

  await t.test('the API has everything that core exports', () => {
    const html = read(site, 'api/core.html')
    for (const name of Object.keys(core))
      assert.match(html, new RegExp(`id="${name.toLowerCase()}"`))
  })
}

function read(site: BuiltSite, page: string): string {
  return readFileSync(path.join(site.folder, page), 'utf8')
}

/** The values of an attribute, with what HTML escapes in it. */
function attributes(html: string, name: string): string[] {
  const found = html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))
  return [...found].map(([, value = '']) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"'),
  )
}

function faultOf(
  site: BuiltSite,
  url: URL,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  if (url.host !== 'site') return url.protocol === 'https:' ? null : 'not https'
  const ids = anchors.get(url.pathname)
  if (ids === undefined) {
    return existsSync(path.join(site.folder, url.pathname)) ? null : 'no such page or file'
  }
  const anchor = decodeURIComponent(url.hash.slice(1))
  return anchor === '' || ids.has(anchor) ? null : 'no such anchor'
}
