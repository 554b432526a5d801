import http from 'node:http'
import express from 'express'
import { blockEventLoop } from '../../block.js'

const app = express()
app.get('/', (_request, response) => {
  blockEventLoop(10) // Some work.
  response.json({ program: 'express', pid: process.pid })
})
const address = { port: Number(process.argv[2]), host: '127.0.0.1', reusePort: true }
const server = http.createServer(app).listen(address, () => {
  process.send?.('ready')
})

// It closes on SIGTERM, and ends with the process that started it.
process.once('SIGTERM', () => server.close(() => process.exit()))
process.once('disconnect', () => process.exit())
