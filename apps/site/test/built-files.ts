import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import * as cli from '@reuse/cli'
import * as core from '@reuse/core'
import { type BuiltSite, publishedAt, urlOf } from './built-site.js'

/** The built site is consistent: links, anchors, and the API. */
export async function testFiles(t: TestContext, site: BuiltSite): Promise<void> {
  await t.test('every link leads to a page or file, and every anchor exists', () => {
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

  await t.test('pages load nothing from other sites', () => {
    for (const page of site.pages) {
      for (const source of attributes(read(site, page), 'src'))
        assert.match(source, /^\/[^/]/, page)
    }
  })

  await t.test('every page has one main landmark', () => {
    // The page that is shown for a missing one is made in the browser.
    for (const page of site.pages.filter((file) => file !== '404.html')) {
      const mains = read(site, page).match(/<main[\s>]|role="main"/g) ?? []
      assert.equal(mains.length, 1, page)
    }
  })

  await t.test('the link preview picture exists and has the size that the page states', () => {
    const size = (name: string): number => {
      const [, value] = read(site, 'index.html').match(`"og:image:${name}" content="(\\d+)"`) ?? []
      return Number(value)
    }
    const image = readFileSync(path.join(site.folder, 'preview.png'))
    assert.equal(image.toString('latin1', 1, 4), 'PNG')
    const inside = { width: image.readUInt32BE(16), height: image.readUInt32BE(20) }
    assert.deepEqual(inside, { width: size('width'), height: size('height') })
    for (const page of site.pages.filter((file) => file !== '404.html')) {
      const tag = `<meta property="og:image" content="${publishedAt}preview.png">`
      assert.ok(read(site, page).includes(tag), page)
    }
  })

  await t.test('every page has title, description and address for link previews', () => {
    for (const page of site.pages.filter((file) => file !== '404.html')) {
      const html = read(site, page)
      const url = new URL(urlOf(page).slice(1), publishedAt).href
      assert.match(html, /<meta property="og:title" content="[^"]+">/, page)
      assert.match(html, /<meta property="og:description" content="[^"]+">/, page)
      assert.ok(html.includes(`<meta property="og:url" content="${url}">`), page)
      assert.ok(html.includes(`<link rel="canonical" href="${url}">`), page)
    }
  })

  await t.test('the sitemap has every page', () => {
    const sitemap = read(site, 'sitemap.xml')
    const listed = [...sitemap.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url = '']) => url)
    const pages = site.pages.filter((file) => file !== '404.html')
    assert.deepEqual(
      listed.sort(),
      pages.map((page) => new URL(urlOf(page).slice(1), publishedAt).href).sort(),
    )
  })

  await t.test('the API pages list everything that core and the command export', () => {
    for (const [page, exported] of Object.entries({ core, cli })) {
      const html = read(site, `api/${page}.html`)
      for (const name of Object.keys(exported))
        assert.match(html, new RegExp(`id="${name.toLowerCase()}"`))
    }
  })

  await t.test('every parameter has a name in the API pages, even a destructured one', () => {
    for (const page of site.pages.filter((file) => file.startsWith('api/'))) {
      assert.ok(!read(site, page).includes('__namedParameters'), page)
    }
  })

  await t.test('a module without exports has an API page with content, too', () => {
    assert.match(read(site, 'api/core/register.html'), /REUSE_LEAVE_TIMEOUT/)
  })
}

function read(site: BuiltSite, page: string): string {
  return readFileSync(path.join(site.folder, page), 'utf8')
}

/** The values of an attribute, with its HTML escapes resolved. */
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
