/** `reuse open`: a running program shares its port. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { countAnswers, startNode } from '@reuse/testkit'
import {
  needsLinux,
  needsOtherUser,
  needsPython,
  otherUser,
  reuse,
  startDatagramMember,
  startMember,
  startStranger,
} from './programs.js'

/** What becomes of a member that listens on a port: the error's code, or the pid. */
async function join(t: Parameters<typeof startMember>[0], port: number): Promise<string> {
  const args = [JSON.stringify({ ports: [port] })]
  const program = startNode(t, new URL('./fixtures/member.js', import.meta.url), { args })
  const failed = program.hear<{ code: string }>('failed').then(({ code }) => code)
  const ready = program.hear('ready').then(() => String(program.pid))
  return Promise.any([failed, ready])
}

test('reuse open lets a running Python server share its port', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  assert.equal(await join(t, port), 'EADDRINUSE')
  const { status, stdout, stderr } = await reuse(['open', program.pid])
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(
    stdout,
    new RegExp(`\\(pid ${program.pid}\\) now shares 127\\.0\\.0\\.1:${port} with`),
  )
  const joined = await join(t, port)
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual(new Set(answers.keys()), new Set(['python', joined]))
  const again = await reuse(['open', program.pid, port, '--json'])
  assert.equal(again.status, 0)
  const [{ result, address }] = JSON.parse(again.stdout)
  assert.deepEqual([result, address], ['already', '127.0.0.1'])
})

test('reuse open asks for a port if a process listens on several', needsPython, async (t) => {
  const { program, ports } = await startStranger(t, 2)
  const [first = 0, second = 0] = [...ports].sort((a, b) => a - b)
  const { status, stderr } = await reuse(['open', program.pid])
  assert.equal(status, 2)
  assert.ok(
    stderr.includes(`${first} and ${second}. Type which one: 'reuse open ${program.pid} ${first}'`),
  )
  assert.equal((await reuse(['open', program.pid, second])).status, 0)
  assert.equal(await join(t, first), 'EADDRINUSE')
  assert.match(await join(t, second), /^\d+$/)
})

test('reuse open fails for a port or process that does not exist', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  const { port: other } = await startMember(t)
  const wrong = await reuse(['open', program.pid, other])
  assert.equal(wrong.status, 1)
  assert.ok(wrong.stderr.includes(`does not listen on TCP port ${other}, but on ${port}.`))
  const silent = await reuse(['open', process.pid])
  assert.equal(silent.status, 1)
  assert.match(silent.stderr, /listens on no TCP port .* Add --udp/)
  await program.end('SIGKILL')
  const gone = await reuse(['open', program.pid])
  assert.equal(gone.status, 1)
  assert.equal(gone.stderr, `reuse: there is no process ${program.pid}.\n`)
})

test('reuse open says that a member shares already, over TCP and UDP', needsLinux, async (t) => {
  const { program } = await startMember(t)
  const { status, stdout } = await reuse(['open', program.pid])
  assert.equal(status, 0)
  assert.match(stdout, /shares 127\.0\.0\.1:\d+ already\n$/)
  const { program: udp } = await startDatagramMember(t)
  assert.match((await reuse(['open', '--udp', udp.pid])).stdout, /already\n$/)
})

test('reuse open refuses another user’s process', needsOtherUser, async (t) => {
  const { program, port } = await startStranger(t)
  const { status, stderr } = await reuse(['open', program.pid], { uid: otherUser })
  assert.equal(status, 1)
  assert.match(stderr, /belongs to user \w+\. .*or as root: sudo -u \w+ reuse open \d+\.\n$/)
  assert.equal(await join(t, port), 'EADDRINUSE')
})

const unprivileged = spawnSync('setpriv', ['--version']).status === 0
const needsSetpriv = unprivileged ? needsOtherUser : { skip: 'setpriv is not installed' }

test('reuse open says which right is missing if the system refuses', needsSetpriv, async (t) => {
  const { program } = await startStranger(t)
  // Without this capability, root may inspect the process, but not take descriptors from it.
  const { status, stderr } = spawnSync(
    'setpriv',
    ['--bounding-set', '-sys_ptrace', '--inh-caps', '-sys_ptrace', '--', process.execPath].concat([
      new URL('../bundle/main.js', import.meta.url).pathname,
      'open',
      String(program.pid),
    ]),
    { encoding: 'utf8' },
  )
  assert.equal(status, 1, stderr)
  assert.match(stderr, /EPERM|EACCES/)
  assert.match(stderr, /root|CAP_SYS_PTRACE/)
})
