/**
 * Attaches the longest programs in a network namespace that has the option memory which was the
 * default until Linux 6.7. Exits with code 2 if the namespace has no such setting.
 */
import fs from 'node:fs'
import { native } from '../../src/socket/native.js'
import { chooseFilter, encode, probeFilter } from '../../src/steering/filter.js'
import { optionMemory } from './converted.js'
import { alike } from './seats.js'

try {
  fs.writeFileSync('/proc/sys/net/core/optmem_max', String(optionMemory))
} catch (error) {
  console.log(`the option memory of a namespace cannot be set: ${error}`)
  process.exit(2)
}

const socket = native.open('udp', 4)
native.setOption(socket, 'SO_REUSEPORT', 1)
native.bind(socket, '0.0.0.0', 0)

const seats = alike(512).map((seat) => ({ ...seat, weight: seat.index % 2 }))
const payload = { payload: { offset: 1, length: 8 } }
for (const choice of ['random', 'flow', 'source-address', 'cpu', payload] as const) {
  const otherwise = chooseFilter({ choice, protocol: 'udp', seats })
  native.attachFilter(socket, encode(probeFilter({ sourcePort: 1, index: 1, otherwise })))
}

// A program that is too long, to show that the limit holds.
try {
  const many = alike(400)
  native.attachFilter(
    socket,
    encode(chooseFilter({ choice: 'source-address', protocol: 'udp', seats: many })),
  )
  console.log('the limit does not hold')
} catch {}
native.close(socket)
