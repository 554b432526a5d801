import { capabilities } from '@reuse/core'

/** One of the two groups that are compared. */
export interface Side {
  title: string
  /** What becomes of the connections that wait at a program that ends. */
  waiting: string
  files: readonly URL[]
}

/** The three programs: read them first. */
export const withReuse: Side = {
  title: 'With @reuse',
  waiting: capabilities.holders
    ? 'A listener outlives its process: the others serve what waits at it. ' +
      'A program that closes loses nothing.'
    : 'On this system a listener ends with its process: what waits at it is lost.',
  files: programFiles('programs'),
}

/** The same programs, with `listen({ reusePort: true })` in place of @reuse. */
export const bare: Side = {
  title: 'With bare reusePort',
  waiting: 'A listener ends with its process: what waits at it is reset.',
  files: programFiles('programs/bare'),
}

function programFiles(folder: string): URL[] {
  const names = ['fastify', 'express', 'koa']
  return names.map((name) => new URL(`./${folder}/${name}.js`, import.meta.url))
}
