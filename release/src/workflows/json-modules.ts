import type { LoadHook } from 'node:module'

/** GitHub's packages are written for a bundler, and import JSON without saying that it is JSON. */
export const load: LoadHook = (url, context, next) =>
  next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context)
