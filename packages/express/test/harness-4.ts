import { once } from 'node:events'
import { reuse } from '@reuse/express'
import type { AdapterHarness } from '@reuse/testkit'
import express from 'express-4'
import { common, type Listener } from './harness.js'

export const express4Harness: AdapterHarness<Listener> = {
  ...common,
  program: new URL('./fixtures/express-4.js', import.meta.url),
  create: (answer, options) => {
    const app = express().use((_, response) => response.end(answer))
    return options === null ? app : reuse(app, options)
  },
  failures: {
    "'error'": async (app, { port, host }) => (await once(app.listen(port, host), 'error'))[0],
  },
}
