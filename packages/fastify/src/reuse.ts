import { type Member, type ReuseOptions, setReuse } from '@reuse/core'
import type { FastifyInstance, RegisterOptions } from 'fastify'
import fp from 'fastify-plugin'
import { leaveBeforeClose } from './leave.js'
import { shareFurtherAddresses } from './localhost.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** This program's place in the group that shares its port. */
    reuse: Member
  }
}

/**
 * Lets a Fastify application share its port: register this anywhere, then call `app.listen` and
 * `app.close` as usual. Decorates the application with `app.reuse`, the member of its main server.
 */
async function plugin(
  app: FastifyInstance,
  options: ReuseOptions & RegisterOptions,
): Promise<void> {
  // The options of `register` come with ours, though they are not for us.
  const { prefix, logLevel, logSerializers, ...own } = options
  app.decorate('reuse', setReuse(app.server, own))
  const further = shareFurtherAddresses(app, own)
  leaveBeforeClose(app, further)
}

/** The plugin: `await app.register(reuse, options)`; the options are those of `setReuse`. */
export const reuse = fp(plugin, { name: '@reuse/fastify', fastify: '5.x' })
