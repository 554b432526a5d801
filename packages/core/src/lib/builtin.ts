import { createRequire } from 'node:module'

/** Loads what no import loads: the addon, and the modules below. */
export const require = createRequire(import.meta.url)

/**
 * Node's own modules that most programs never load. Loading them takes about as long as loading this
 * package, so each is loaded when it is first needed. `net`, `fs` and the modules that they load are
 * imported as usual: a program that listens has loaded them.
 */
export const builtin = {
  cluster: (): typeof import('node:cluster').default => require('node:cluster'),
  dgram: (): typeof import('node:dgram') => require('node:dgram'),
  dns: (): typeof import('node:dns') => require('node:dns'),
  os: (): typeof import('node:os') => require('node:os'),
  perf: (): typeof import('node:perf_hooks') => require('node:perf_hooks'),
  threads: (): typeof import('node:worker_threads') => require('node:worker_threads'),
  timers: (): typeof import('node:timers/promises') => require('node:timers/promises'),
  util: (): typeof import('node:util') => require('node:util'),
}
