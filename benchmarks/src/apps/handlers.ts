import { body, type Routes, whoPath } from './routes.js'

/** What one request costs the server, in milliseconds. */
const cpuTime = 1
const holdTime = 2

/** After this signal, a worker needs this many times the CPU for each request. */
export const slowdown = { signal: 'SIGUSR2', factor: 3 } as const

let slowness = 1

const never = new Int32Array(new SharedArrayBuffer(4))

/** What a server does with a request for `/`, by name. */
const handlers = {
  /** Nothing: what is measured is the way to the handler. */
  hello: () => body,

  /** Uses a fixed amount of CPU time; time that other processes take from it does not count. */
  cpu: () => {
    const start = process.cpuUsage()
    for (;;) {
      const { user, system } = process.cpuUsage(start)
      if (user + system >= slowness * cpuTime * 1000) return body
    }
  },

  /**
   * Blocks its event loop and computes nothing: where there are fewer processors than servers, this
   * stands for a busy server that has a processor to itself.
   */
  hold: () => {
    Atomics.wait(never, 0, 0, holdTime)
    return body
  },
}

export type Handler = keyof typeof handlers

export function routesOf(handler: Handler): Routes {
  if (handler === 'cpu') {
    process.once(slowdown.signal, () => {
      slowness = slowdown.factor
    })
  }
  return { '/': handlers[handler], [whoPath]: () => String(process.pid) }
}

/** The handlers' names in reports. */
export const handlerNames: Readonly<Record<Handler, string>> = {
  hello: 'hello',
  cpu: `${cpuTime} ms of CPU`,
  hold: `held for ${holdTime} ms`,
}
