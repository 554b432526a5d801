/**
 * Probes the order of a group at `::` in a network namespace whose loopback has no `::1`, as in a
 * container without IPv6. Exits with code 2 if that cannot be set up.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { Group, inodeOf } from '../../src/group/group.js'
import { probeOrder } from '../../src/group/probe.js'
import { hashFilter } from '../../src/group/steering-decisions.js'
import { native } from '../../src/socket/native.js'

try {
  fs.writeFileSync('/proc/sys/net/ipv6/conf/lo/disable_ipv6', '1')
} catch (error) {
  console.log(`IPv6 cannot be disabled in a namespace: ${error}`)
  process.exit(2)
}
const { status } = spawnSync('ip', ['link', 'set', 'lo', 'up'])
if (status !== 0) {
  console.log('the loopback of a namespace cannot be set up')
  process.exit(2)
}

let port = 0
const sockets = Array.from({ length: 3 }, () => {
  const socket = native.open('tcp', 6)
  native.setOption(socket, 'SO_REUSEPORT', 1)
  native.setOption(socket, 'IPV6_V6ONLY', 0)
  native.bind(socket, '::', port)
  native.listen(socket, 16)
  port = native.getAddress(socket).port
  return socket
})
const [first = -1] = sockets
const inodes = sockets.map(inodeOf)
const listeners = new Map(sockets.map((socket) => [inodeOf(socket), socket]))
const order = probeOrder(new Group(first, 'tcp'), listeners, sockets.length, hashFilter)
if (order.join() !== inodes.join()) console.log(`found ${order} instead of ${inodes}`)
for (const socket of sockets) native.close(socket)
