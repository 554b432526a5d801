/** A bare HTTP server on a port that it tells its parent: node http.js plain | shared. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setReuse } from '@reuse/core'

const server = http.createServer((_, response) => response.end('hello'))
if (process.argv[2] === 'shared') setReuse(server)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
