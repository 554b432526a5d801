import { show } from '../lib/show.js'

/** Describes what was passed instead of a server. For an application, it says which package to use. */
export function describe(target: unknown): string {
  const has = (name: string): boolean => hasMethod(target, name)
  if (isFastify(target)) {
    return 'a Fastify application: register @reuse/fastify, or pass app.server to setReuse'
  }
  if (has('listen') && has('use') && has('callback')) {
    return 'a Koa application: use @reuse/koa, or pass the server that you create with app.callback()'
  }
  if (has('listen') && has('use')) {
    return 'an Express application: use @reuse/express, or pass the server that you create from it'
  }
  return show(target)
}

export function isFastify(target: unknown): boolean {
  return hasMethod(target, 'inject') && hasMethod(target, 'register')
}

export function hasMethod(target: unknown, name: string): boolean {
  if (target === null || (typeof target !== 'object' && typeof target !== 'function')) return false
  return typeof Reflect.get(target, name) === 'function'
}
