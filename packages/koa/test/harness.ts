import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Server } from 'node:net'
import { capabilities, peers } from '@reuse/core'
import { memberOf } from '@reuse/koa'
import type { AdapterHarness } from '@reuse/testkit'
import type Koa from 'koa'

export type Listener = Pick<Koa, 'listen'>

/** What the tests of both versions share; each program loads only its own version. */
export const common: Omit<AdapterHarness<Listener>, 'program' | 'create'> = {
  commonJs: [new URL('../../test/fixtures/common-js.cjs', import.meta.url)],
  listen: (app, { port, host }) => app.listen(port, host),
  forms: {
    '()': (app) => app.listen(),
    '(port)': (app, { port }) => app.listen(port),
    '(port, callback)': (app, { port }, callback) => app.listen(port, callback),
    '("port", callback)': (app, { port }, callback) => app.listen(String(port), callback),
    '(port, backlog, callback)': (app, { port, backlog }, callback) =>
      app.listen(port, backlog, callback),
    '(port, host, callback)': (app, { port, host }, callback) => app.listen(port, host, callback),
    '(port, host, backlog)': (app, { port, host, backlog }) => app.listen(port, host, backlog),
    '(port, host, backlog, callback)': (app, { port, host, backlog }, callback) =>
      app.listen(port, host, backlog, callback),
    '(path, callback)': (app, { path }, callback) => app.listen(path, callback),
    '({ port, host, backlog }, callback)': (app, { port, host, backlog }, callback) =>
      app.listen({ port, host, backlog }, callback),
    '({ path }, callback)': (app, { path }, callback) => app.listen({ path }, callback),
  },
  failures: {
    "'error'": async (app, { port, host }) => (await once(app.listen(port, host), 'error'))[0],
  },
  serverOf: (_, returned) => {
    assert.ok(returned instanceof Server)
    return returned
  },
  memberOf: (_, server) => memberOf(server),
  close: (_, server) => new Promise((resolve) => server.close(resolve)),
  peers,
  capabilities,
}
