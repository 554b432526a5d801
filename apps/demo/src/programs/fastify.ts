import { reuse } from '@reuse/fastify'
import Fastify from 'fastify'
import { blockEventLoop } from '../block.js'

const app = Fastify()
await app.register(reuse)
app.get('/', async () => {
  blockEventLoop(10) // Some work.
  return { program: 'fastify', pid: process.pid }
})
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })

// It closes on SIGTERM, ends with the process that started it, and says when it is ready.
process.once('SIGTERM', () => app.close().then(() => process.exit()))
process.once('disconnect', () => process.exit())
process.send?.('ready')
