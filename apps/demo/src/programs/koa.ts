import { reuse } from '@reuse/koa'
import Koa from 'koa'
import { blockEventLoop } from '../block.js'

const app = new Koa()
app.use((context) => {
  blockEventLoop(10) // Some work.
  context.body = { program: 'koa', pid: process.pid }
})
const server = reuse(app).listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.send?.('ready')
})

// It closes on SIGTERM, and ends with the process that started it.
process.once('SIGTERM', () => server.close(() => process.exit()))
process.once('disconnect', () => process.exit())
