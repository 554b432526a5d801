/**
 * A program that serves: node member.js '{ "framework": "http", "handler": "hello", … }'. It reports
 * where it listens, and its process id.
 */
import type { ReuseOptions } from '@reuse/core'
import { argument, onCommand, say } from '../program-side.js'
import type { Where } from './app.js'
import { type Handler, routesOf } from './handlers.js'
import { apps, type Framework } from './index.js'

export interface MemberArguments {
  framework: Framework
  handler: Handler
  where: Where
  /** With these options, it shares its port through @reuse. */
  shared?: ReuseOptions
}

export interface MemberReady {
  pid: number
  /** 0 if it listens on a Unix socket. */
  port: number
}

const { framework, handler, where, shared } = argument<MemberArguments>()
const app = await apps[framework]()
const server = await app.listen(routesOf(handler), where, shared)
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0
say('ready', { pid: process.pid, port } satisfies MemberReady)
// PM2 waits for this message; it knows no messages but its own.
if ('PM2_HOME' in process.env) process.send?.('ready')
onCommand({})
