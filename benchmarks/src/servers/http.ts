/** A bare HTTP server that tells its port: node http.js '"plain"', or '"shared"'. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setReuse } from '@reuse/core'
import { argument, onCommand, say } from '../program-side.js'

const server = http.createServer((_, response) => response.end('hello'))
if (argument() === 'shared') setReuse(server)
server.listen(0, '127.0.0.1', () => say('ready', (server.address() as AddressInfo).port))
onCommand({})
