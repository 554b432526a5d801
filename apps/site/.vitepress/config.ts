import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { repository } from '../src/repository.js'
import { address, base, headOf } from './head.js'
import { chartColours } from './palette.js'
import { publishFiles } from './published.js'
import { readmes, withReadmes } from './readmes.js'
import { weightInSearch } from './search.js'
import { sidebar } from './sidebar.js'

export default defineConfig({
  title: '@reuse',
  description: 'Several Node programs listen on one port. No master, no proxy, no privileges.',
  lang: 'en',
  base,
  srcDir: 'pages',
  cleanUrls: true,
  head: [
    ['style', {}, chartColours],
    ['meta', { name: 'color-scheme', content: 'light dark' }],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }],
  ],
  transformHead: headOf,
  ...(address === null ? {} : { sitemap: { hostname: address.href } }),
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  vite: {
    plugins: [readmes()],
    resolve: {
      alias: [
        {
          find: /^\.\/VPHome\.vue$/,
          replacement: fileURLToPath(new URL('theme/HomePage.vue', import.meta.url)),
        },
      ],
    },
    // Node loads it when it renders the pages; it would be bundled, as what lies in the workspace is.
    ssr: { external: ['@reuse/benchmarks'] },
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
      options: {
        _render: (page, env, md) => {
          const html = md.render(withReadmes(page), env)
          return env.frontmatter?.search === false ? '' : html
        },
        miniSearch: { searchOptions: { boostDocument: weightInSearch } },
      },
    },
    docFooter: { prev: 'Previous', next: 'Next' },
  },
})
