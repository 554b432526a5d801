import type { App } from './app.js'

/** The frameworks, each loaded only where it is used: a program pays only for its own. */
export const apps = {
  http: async (): Promise<App> => (await import('./http.js')).bareHttp,
  express: async (): Promise<App> => (await import('./express.js')).expressApp,
  fastify: async (): Promise<App> => (await import('./fastify.js')).fastifyApp,
  koa: async (): Promise<App> => (await import('./koa.js')).koaApp,
}

export type Framework = keyof typeof apps

/** The names as the frameworks' authors write them. */
export const frameworkNames: Readonly<Record<Framework, string>> = {
  http: 'bare http',
  express: 'Express',
  fastify: 'Fastify',
  koa: 'Koa',
}
