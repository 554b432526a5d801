import type { DefaultTheme } from 'vitepress'

/** The pages in the order in which they are read. */
export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Guide',
    items: [
      { text: 'Getting started', link: '/guide/' },
      { text: 'Express', link: '/guide/express' },
      { text: 'Fastify', link: '/guide/fastify' },
      { text: 'Koa', link: '/guide/koa' },
      { text: 'Leaving', link: '/guide/leaving' },
      { text: 'Steering', link: '/guide/steering' },
      { text: 'Who is on the port', link: '/guide/who' },
      { text: 'Alone, or among one’s own', link: '/guide/alone' },
      { text: 'UDP', link: '/guide/udp' },
      { text: 'Descriptors and connections', link: '/guide/sockets' },
    ],
  },
  {
    text: 'Understand',
    items: [
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Platforms', link: '/platforms' },
      { text: 'Security', link: '/security' },
      { text: 'Limits', link: '/limits' },
      { text: 'Benchmarks', link: '/reports/' },
    ],
  },
  {
    text: 'Recipes',
    items: [
      { text: 'What to change', link: '/recipes/' },
      { text: 'systemd', link: '/recipes/systemd' },
      { text: 'Kubernetes', link: '/recipes/kubernetes' },
      { text: 'PM2', link: '/recipes/pm2' },
      { text: 'node:cluster', link: '/recipes/cluster' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/' },
      { text: '@reuse/core', link: '/api/core' },
      { text: '@reuse/express', link: '/api/express' },
      { text: '@reuse/fastify', link: '/api/fastify' },
      { text: '@reuse/koa', link: '/api/koa' },
    ],
  },
]
