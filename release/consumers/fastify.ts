import reuse, { type Member, reuse as named, type ReuseOptions } from '@reuse/fastify'
import Fastify, { type FastifyInstance } from 'fastify'

const app: FastifyInstance = Fastify()
const options: ReuseOptions = { only: 'same-program' }
await app.register(reuse, options)
// @ts-expect-error: the name of an option that does not exist
app.register(named, { onyl: 'same-program' })
const address: string = await app.listen({ port: 3000 })
const member: Member = app.reuse
console.log(address, await member.peers())
