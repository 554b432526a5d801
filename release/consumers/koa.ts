import type { Server } from 'node:http'
import reuse, { type Member, memberOf, reuse as named, type ReuseOptions } from '@reuse/koa'
import Koa from 'koa'

const options: ReuseOptions = { exclusive: true }
const server: Server = reuse(new Koa(), options).listen(3000, '127.0.0.1', () => {})
const member: Member | undefined = memberOf(server)
// @ts-expect-error: the name of an option that does not exist
named(new Koa(), { exclusiv: true })
console.log(member)
