import { capabilities, peers } from '@reuse/core'
import { reuse } from '@reuse/fastify'
import type { AdapterHarness } from '@reuse/testkit'
import Fastify, { type FastifyInstance } from 'fastify'

export const fastifyHarness: AdapterHarness<FastifyInstance> = {
  program: new URL('./fixtures/fastify-5.js', import.meta.url),
  commonJs: ['common-js.cjs', 'common-js-named.cjs'].map(
    (name) => new URL(`../../test/fixtures/${name}`, import.meta.url),
  ),
  create: async (answer, options) => {
    const app = Fastify()
    if (options !== null) await app.register(reuse, options)
    app.get('/', () => answer)
    return app
  },
  listen: (app, { port, host }) => app.listen({ port, host }),
  forms: {
    '({ port, host, backlog })': (app, { port, host, backlog }) =>
      app.listen({ port, host, backlog }),
    '({ port, host }, callback)': (app, { port, host }, callback) =>
      app.listen({ port, host }, callback),
    '({ port, host, signal })': (app, { port, host }) =>
      app.listen({ port, host, signal: new AbortController().signal }),
    '({ port })': (app, { port }) => app.listen({ port }),
    '({ path })': (app, { path }) => app.listen({ path }),
    '({ path }, callback)': (app, { path }, callback) => app.listen({ path }, callback),
  },
  failures: {
    rejection: (app, { port, host }) =>
      app.listen({ port, host }).then(
        () => null,
        (error: unknown) => error,
      ),
    callback: (app, { port, host }) =>
      new Promise((resolve) => app.listen({ port, host }, (error) => resolve(error))),
  },
  serverOf: (app) => app.server,
  memberOf: (app) => (app.hasDecorator('reuse') ? app.reuse : undefined),
  close: (app) => app.close(),
  peers,
  capabilities,
}
