// Loaded into each program, so that the demo can make it stall.
import { blockEventLoop } from './block.js'

process.on('message', (message) => {
  if (message !== 'stall') return
  blockEventLoop(1_000)
  process.send?.('awake')
})
