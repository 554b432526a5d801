/** Which workers have which names of members, and how much is read to find out. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import { socketsOf } from '../src/state/process-tree.js'
import { NameOwners } from '../src/supervisor/sharing/name-owners.js'
import { needsLinux } from './programs.js'
import { workerOf } from './workers.js'

const place = { key: 'test', protocol: 'tcp', address: '127.0.0.1', port: 1 } as const

function named(pid: number, nameInode: number) {
  return { ...place, name: `reuse/1/test/1.${pid}.a`, inode: 1, pid, nameInode }
}

test('however many names there are, a process is looked at once', needsLinux, async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { pid } = process
  const [own = 0] = socketsOf(pid)
  assert.ok(own > 0)
  const worker = workerOf(process.ppid)
  const listed = t.mock.method(fs, 'readdirSync')
  const read = t.mock.method(fs, 'readFileSync')
  const owners = new NameOwners([worker])

  // This process descends from that worker. Another user can put its pid into a name, but not have its socket.
  assert.equal(owners.ownerOf(named(pid, own)), worker)
  for (let count = 1; count <= 1000; count++) {
    assert.equal(owners.ownerOf(named(pid, -count)), null)
  }
  assert.equal(listed.mock.callCount(), 1)
  assert.equal(read.mock.callCount(), 1)

  // No process has these pids.
  const fakes = Array.from({ length: 1000 }, (_, index) => named(2 ** 30 + index, 1))
  const answers = fakes.map((fake) => owners.ownerOf(fake))
  assert.equal(answers[0], null)
  assert.equal(answers.at(-1), undefined)
  assert.ok(read.mock.callCount() < 200, String(read.mock.callCount()))
  // A worker is always looked at, and so is what was looked at before.
  assert.equal(owners.ownerOf(named(process.ppid, -1)), null)
  assert.equal(owners.ownerOf(named(pid, own)), worker)

  // The next look begins with those that were left.
  assert.equal(new NameOwners([worker]).ownerOf(named(2 ** 30 + 999, 1)), null)
})
