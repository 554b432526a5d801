import { reuse } from '@reuse/koa'
import type { AdapterHarness } from '@reuse/testkit'
import Koa from 'koa'
import { common, type Listener } from './harness.js'

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
