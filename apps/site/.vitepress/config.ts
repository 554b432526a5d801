import { defineConfig } from 'vitepress'
import { repository } from '../src/repository.js'
import { chartColours } from './palette.js'
import { publishFiles } from './published.js'
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
    ['style', {}, chartColours],
    ['meta', { name: 'color-scheme', content: 'light dark' }],
    [
      'link',
      { rel: 'icon', type: 'image/svg+xml', href: `${process.env.SITE_BASE ?? '/'}icon.svg` },
    ],
  ],
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  vite: {
    plugins: [readmes()],
    // They are of another package of the workspace, from which alone they can be found.
    ssr: { noExternal: [/^d3/, 'simple-statistics', '@observablehq/plot', '@reuse/benchmarks'] },
  },
  buildEnd: ({ outDir }) => publishFiles(outDir),
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/', activeMatch: '^/guide/' },
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Recipes', link: '/recipes/', activeMatch: '^/recipes/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Benchmarks', link: '/reports/', activeMatch: '^/reports/' },
    ],
    sidebar,
    socialLinks: [{ icon: 'github', link: repository }],
    outline: [2, 3],
    search: {
      provider: 'local',
      options: { _render: (page, env, md) => md.render(withReadmes(page), env) },
    },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
