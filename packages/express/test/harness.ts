import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Server } from 'node:net'
import { capabilities, peers } from '@reuse/core'
import { memberOf, reuse } from '@reuse/express'
import type { AdapterHarness } from '@reuse/testkit'
import express, { type Application } from 'express'
import express4 from 'express-4'

type Listener = Pick<Application, 'listen'>

const common: Omit<AdapterHarness<Listener>, 'program' | 'create' | 'failures'> = {
  commonJs: [new URL('../../test/fixtures/common-js.cjs', import.meta.url)],
  listen: (app, { port, host }) => app.listen(port, host),
  forms: {
    '()': (app) => app.listen(),
    '(callback)': (app, _, callback) => app.listen(callback),
    '(port)': (app, { port }) => app.listen(port),
    '(port, callback)': (app, { port }, callback) => app.listen(port, callback),
    '("port", callback)': (app, { port }, callback) => app.listen(String(port), callback),
    '(port, host, callback)': (app, { port, host }, callback) => app.listen(port, host, callback),
    '(port, host, backlog)': (app, { port, host, backlog }) => app.listen(port, host, backlog),
    '(port, host, backlog, callback)': (app, { port, host, backlog }, callback) =>
      app.listen(port, host, backlog, callback),
    '(path, callback)': (app, { path }, callback) => app.listen(path, callback),
    '({ port, host, backlog }, callback)': (app, { port, host, backlog }, callback) =>
      app.listen({ port, host, backlog }, callback),
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

export const express5Harness: AdapterHarness<Listener> = {
  ...common,
  program: new URL('./fixtures/express-5.js', import.meta.url),
  create: (answer, options) => {
    const app = express().use((_, response) => response.end(answer))
    return options === null ? app : reuse(app, options)
  },
  failures: {
    callback: (app, { port, host }) => new Promise((resolve) => app.listen(port, host, resolve)),
    "'error'": async (app, { port, host }) => (await once(app.listen(port, host), 'error'))[0],
  },
}

export const express4Harness: AdapterHarness<Listener> = {
  ...common,
  program: new URL('./fixtures/express-4.js', import.meta.url),
  create: (answer, options) => {
    const app = express4().use((_, response) => response.end(answer))
    return options === null ? app : reuse(app, options)
  },
  failures: {
    "'error'": async (app, { port, host }) => (await once(app.listen(port, host), 'error'))[0],
  },
}
