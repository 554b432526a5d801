import Fastify from 'fastify'
import { blockEventLoop } from '../../block.js'

const app = Fastify()
app.get('/', async () => {
  blockEventLoop(10) // Some work.
  return { program: 'fastify', pid: process.pid }
})
const address = { port: Number(process.argv[2]), host: '127.0.0.1', reusePort: true }
await app.listen(address)

// It closes on SIGTERM, ends with the process that started it, and says when it is ready.
process.once('SIGTERM', () => app.close().then(() => process.exit()))
process.once('disconnect', () => process.exit())
process.send?.('ready')
