import type { HeadConfig, TransformContext } from 'vitepress'

/**
 * Where the site is published, such as `https://example.org/reuse/`, or `null`. Pages name themselves by
 * it to search engines, and to chats and networks that show a link.
 */
export const address = process.env.SITE_URL === undefined ? null : new URL(process.env.SITE_URL)

/** Where the site stands on its host. */
export const base = address?.pathname ?? '/'

/** What stands in the head of every page. */
export function headOf({ pageData, siteData, title, description }: TransformContext): HeadConfig[] {
  const properties = {
    'og:type': 'website',
    'og:site_name': siteData.title,
    'og:title': title,
    'og:description': description,
  }
  const head = Object.entries(properties).map(openGraph)
  if (address === null || pageData.isNotFound) return head
  const url = new URL(pageData.relativePath.replace(/(^|\/)index\.md$|\.md$/, '$1'), address).href
  const about = {
    'og:url': url,
    'og:image': new URL('preview.png', address).href,
    'og:image:width': '1200',
    'og:image:height': '630',
    'og:image:alt':
      'Clients connect to one port. Four programs listen on it, and each gets a part.',
  }
  return [
    ...head,
    ...Object.entries(about).map(openGraph),
    ['meta', { name: 'twitter:card', content: 'summary_large_image' }],
    ['link', { rel: 'canonical', href: url }],
  ]
}

function openGraph([property, content]: [string, string]): HeadConfig {
  return ['meta', { property, content }]
}
