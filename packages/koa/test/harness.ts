import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Server } from 'node:net'
import { capabilities, peers } from '@reuse/core'
import { memberOf, reuse } from '@reuse/koa'
import type { AdapterHarness } from '@reuse/testkit'
import Koa from 'koa'
import Koa2 from 'koa-2'

type Listener = Pick<Koa, 'listen'>

const common: Omit<AdapterHarness<Listener>, 'program' | 'create'> = {
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

export const koa3Harness: AdapterHarness<Listener> = {
  ...common,
  program: new URL('./fixtures/koa-3.js', import.meta.url),
  create: (answer, options) => {
    const app = new Koa().use((context) => {
      context.body = answer
    })
    return options === null ? app : reuse(app, options)
  },
}

export const koa2Harness: AdapterHarness<Listener> = {
  ...common,
  program: new URL('./fixtures/koa-2.js', import.meta.url),
  create: (answer, options) => {
    const app = new Koa2().use((context) => {
      context.body = answer
    })
    return options === null ? app : reuse(app, options)
  },
}
