/** Which workers the watch for those that do not answer kills. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startFixture, until } from '@reuse/testkit'
import { HangWatch } from '../src/supervisor/hang-watch.js'
import { python } from './exec-programs.js'
import { needsPython } from './programs.js'
import { workerOf } from './workers.js'

/** Has a member's name, whose queue it fills, as another user can. Then it lets all in, and never answers. */
const crowded = `name = "\\0" + sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(name)
listener.listen(0)
connections = []
while True:
    connections.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    connections[-1].setblocking(False)
    try: connections[-1].connect(name)
    except BlockingIOError: break
print(json.dumps({"ready": True}), flush=True)
sys.stdin.readline()
while True: connections.append(listener.accept()[0])`

test(
  'a worker that cannot be asked is not killed; one that is silent is',
  needsPython,
  async (t) => {
    const name = `reuse/1/test/${process.pid}/crowded`
    const program = startFixture(t, python(crowded, name))
    await program.hear('ready')
    const worker = workerOf(program.pid)
    worker.setReady()
    const place = { key: 'test', protocol: 'tcp', address: '127.0.0.1', port: 1 } as const
    worker.members = [{ ...place, name, inode: 1, pid: program.pid, nameInode: 1 }]
    const watch = new HangWatch(() => [worker], 100)
    t.after(() => watch.close())
    await setTimeout(1000)
    assert.equal(worker.state, 'ready')
    program.tell('accept')
    await until(() => worker.state !== 'ready')
    const why = worker.describe({ code: null, signal: null })
    assert.equal(why, 'it did not answer for 0.1 s, and was killed')
  },
)
