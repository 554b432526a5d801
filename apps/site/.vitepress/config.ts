import { defineConfig } from 'vitepress'
import { readmes, withReadmes } from './readmes.js'
import { sidebar } from './sidebar.js'

export default defineConfig({
  title: '@reuse',
  description: 'Several Node programs listen on one port. No master, no proxy, no privileges.',
  lang: 'en',
  // Where the site stands on its host, e.g. /reuse/ on GitHub Pages.
  base: process.env.SITE_BASE ?? '/',
  srcDir: 'pages',
  cleanUrls: true,
  head: [
    ['meta', { name: 'color-scheme', content: 'light dark' }],
    [
      'link',
      { rel: 'icon', type: 'image/svg+xml', href: `${process.env.SITE_BASE ?? '/'}icon.svg` },
    ],
  ],
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  vite: { plugins: [readmes()] },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/', activeMatch: '^/guide/' },
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Recipes', link: '/recipes/', activeMatch: '^/recipes/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Benchmarks', link: '/reports/', activeMatch: '^/reports/' },
    ],
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: { _render: (page, env, md) => md.render(withReadmes(page), env) },
    },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
