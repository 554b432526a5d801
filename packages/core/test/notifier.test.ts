/** What a service manager hears, and the descriptors that it gets. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { test } from 'node:test'
import { needs, startFixture } from '@reuse/testkit'
import { native } from '../src/socket/native.js'
import { Notifier } from '../src/socket/notifier.js'
import { temporaryFile } from './waiting.js'

const needsPython = needs('linux', 'holders', 'python')

/** Receives messages as systemd does, and says what has come: states, and the inodes of descriptors. */
const hear = `import array, json, os, socket, sys
def say(name, content=None): print(json.dumps({name: content}), flush=True)
name = sys.argv[1]
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind("\\0" + name[1:] if name[0] == "@" else name)
say("ready")
sys.stdin.readline()
while True:
    text, control, _, _ = heard.recvmsg(4096, 1024)
    descriptors = array.array("i")
    for _, _, data in control: descriptors.frombytes(data)
    say("heard", [text.decode(), [os.fstat(one).st_ino for one in descriptors]])
    for one in descriptors: os.close(one)`

for (const kind of ['a path', 'an abstract name']) {
  test(`a manager at ${kind} gets states and descriptors in order`, needsPython, async (t) => {
    const name = kind === 'a path' ? temporaryFile(t) : `@reuse-test/${randomUUID()}`
    const manager = startFixture(t, ['python3', '-u', '-c', hear, name])
    await manager.hear('ready')
    const notifier = new Notifier(name)
    t.after(() => notifier.close())
    const socket = native.open('tcp', 4)
    t.after(() => native.close(socket))
    const { ino } = fs.fstatSync(socket)
    // More messages than can wait for a receiver that is behind.
    const many = Array.from({ length: 50 }, (_, index) => notifier.send(`STATUS=${index}`))
    const stored = notifier.send('FDSTORE=1\nFDNAME=web', socket)
    manager.tell('go')
    await Promise.all([...many, stored])
    for (let index = 0; index < 50; index++) {
      assert.deepEqual(await manager.hear('heard'), [`STATUS=${index}`, []])
    }
    assert.deepEqual(await manager.hear('heard'), ['FDSTORE=1\nFDNAME=web', [ino]])
  })
}

test('a notifier fails with an error where no manager hears it', needsPython, async (t) => {
  const path = temporaryFile(t)
  assert.throws(
    () => new Notifier(path),
    (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'ENOENT')
      assert.ok(error.hint.includes(path))
      return true
    },
  )
  const manager = startFixture(t, ['python3', '-u', '-c', hear, path])
  await manager.hear('ready')
  const notifier = new Notifier(path)
  t.after(() => notifier.close())
  await manager.end('SIGKILL')
  await assert.rejects(notifier.send('READY=1'), { code: 'ECONNREFUSED' })
})
