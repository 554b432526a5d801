import http from 'node:http'
import Koa from 'koa'
import { blockEventLoop } from '../../block.js'

const app = new Koa()
app.use((context) => {
  blockEventLoop(10) // Some work.
  context.body = { program: 'koa', pid: process.pid }
})
const address = { port: Number(process.argv[2]), host: '127.0.0.1', reusePort: true }
const server = http.createServer(app.callback()).listen(address, () => {
  process.send?.('ready')
})

// It closes on SIGTERM, and ends with the process that started it.
process.once('SIGTERM', () => server.close(() => process.exit()))
process.once('disconnect', () => process.exit())
