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
      { text: 'Graceful shutdown', link: '/guide/leaving' },
      { text: 'Load balancing', link: '/guide/steering' },
      { text: 'Inspect a port', link: '/guide/who' },
      { text: 'Any program', link: '/guide/exec' },
      { text: 'Run and reload', link: '/guide/run' },
      { text: 'Command line', link: '/guide/cli' },
      { text: 'Config file', link: '/guide/config' },
      { text: 'Exclusive ports', link: '/guide/alone' },
      { text: 'UDP and DNS', link: '/guide/udp' },
      { text: 'Descriptors and connections', link: '/guide/sockets' },
      { text: 'TypeScript', link: '/guide/typescript' },
    ],
  },
  {
    text: 'Understand',
    items: [
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Why not …?', link: '/why-not' },
      { text: 'When not to use it', link: '/when-not' },
      { text: 'Platforms', link: '/platforms' },
      { text: 'Security', link: '/security' },
      { text: 'Threat model', link: '/threat-model' },
      { text: 'Limits', link: '/limits' },
      { text: 'Benchmarks', link: '/reports/' },
    ],
  },
  {
    text: 'Recipes',
    items: [
      { text: 'Migrate to @reuse', link: '/recipes/' },
      { text: 'systemd', link: '/recipes/systemd' },
      { text: 'Docker', link: '/recipes/docker' },
      { text: 'Kubernetes', link: '/recipes/kubernetes' },
      { text: 'PM2', link: '/recipes/pm2' },
      { text: 'node:cluster', link: '/recipes/cluster' },
      { text: 'NestJS', link: '/recipes/nestjs' },
      { text: 'Next.js', link: '/recipes/nextjs' },
      { text: 'Hono', link: '/recipes/hono' },
      { text: 'Socket.IO and WebSockets', link: '/recipes/socketio' },
    ],
  },
  {
    text: 'Help',
    items: [
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'FAQ', link: '/faq' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/' },
      { text: '@reuse/core', link: '/api/core' },
      { text: '@reuse/core/register', link: '/api/core/register' },
      { text: '@reuse/core/group', link: '/api/core/group' },
      { text: '@reuse/express', link: '/api/express' },
      { text: '@reuse/fastify', link: '/api/fastify' },
      { text: '@reuse/koa', link: '/api/koa' },
      { text: '@reuse/cli', link: '/api/cli' },
    ],
  },
]
