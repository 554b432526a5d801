import { reuse } from '@reuse/express'
import express from 'express'
import { blockEventLoop } from '../block.js'

const app = express()
app.get('/', (_request, response) => {
  blockEventLoop(10) // Some work.
  response.json({ program: 'express', pid: process.pid })
})
const server = reuse(app).listen(Number(process.argv[2]), '127.0.0.1', (error) => {
  if (error) throw error
  process.send?.('ready')
})

// It closes on SIGTERM, and ends with the process that started it.
process.once('SIGTERM', () => server.close(() => process.exit()))
process.once('disconnect', () => process.exit())
