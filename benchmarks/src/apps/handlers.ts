import { body, type Routes, whoPath } from './routes.js'

/** What one request costs the server, in milliseconds. */
const cpuTime = 1
const holdTime = 2

/** A worker that got this signal needs so many times the CPU for each request from then on. */
export const slowdown = { signal: 'SIGUSR2', factor: 3 } as const

let slowness = 1

const never = new Int32Array(new SharedArrayBuffer(4))

/** What a server does with a request for `/`, by name. */
const handlers = {
  /** Nothing: what is measured is the way there. */
  hello: () => body,

  /** Computes for a time on its own processor; time that others take from it does not count. */
  cpu: () => {
    const start = process.cpuUsage()
    for (;;) {
      const { user, system } = process.cpuUsage(start)
      if (user + system >= slowness * cpuTime * 1000) return body
    }
  },

  /**
   * Holds its event loop and computes nothing: it stands for a server that has a processor of its
   * own and is busy, where there are fewer processors than servers.
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

/** In reports. */
export const handlerNames: Readonly<Record<Handler, string>> = {
  hello: 'hello',
  cpu: `${cpuTime} ms of CPU`,
  hold: `held for ${holdTime} ms`,
}
