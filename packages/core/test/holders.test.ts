/** Members hold each other's listeners: what waits at one that dies is served by the others. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  countAnswers,
  type Fixture,
  needs,
  patience,
  startFixture,
  startStorm,
} from '@reuse/testkit'
import { takeOrphan } from '../src/group/take-orphan.js'
import { type Peer, peers } from '../src/index.js'
import { native } from '../src/socket/native.js'
import { listening, sharedServer, until } from './listening.js'
import {
  fixtureFile,
  listenNow,
  prepareMember,
  startGroup,
  startMember,
  startPython,
} from './programs.js'
import {
  adopterOf,
  assertAnsweredBy,
  assertHealthy,
  countsIn,
  fillQueue,
  fillQueueOf,
  forever,
  inodesOf,
  isZombie,
  keepOrphans,
  kill,
  namesOf,
  orphansOf,
  patient,
  pause,
  peerOf,
  tally,
  temporaryFile,
  untilAllHold,
  wake,
} from './waiting.js'

const needsHolders = needs('holders')

test(
  'requests waiting at a killed member are answered; the bare option loses them',
  needsHolders,
  async (t) => {
    for (const bare of [false, true]) {
      const { port, members } = await startGroup(t, 3, { bare, ...patient })
      const [victim, ...others] = members
      assert.ok(victim)
      if (!bare) await untilAllHold(port, members)
      await victim.ask('block', forever)
      const requests = await fillQueueOf(port, victim, 100)
      const { queue } = await peerOf(port, victim)
      assert.ok(queue.length >= 100)
      await kill(victim)
      if (!bare) {
        await assertAnsweredBy(others, requests)
        assertHealthy(others)
      } else {
        const { ECONNRESET = 0 } = tally(await Promise.all(requests))
        assert.ok(ECONNRESET >= 100, `${ECONNRESET} of ${queue.length} that waited were reset`)
      }
    }
  },
)

test(
  'a member killed under a storm loses only the connections it had accepted',
  needsHolders,
  async (t) => {
    const { port, members } = await startGroup(t, 3, patient)
    const counts = temporaryFile(t)
    for (const isBlocked of [false, true, false, true]) {
      const victim = startMember(t, { port, counts, ...patient })
      await victim.hear('ready')
      await untilAllHold(port, [...members, victim])
      const storm = await startStorm(t, { port })
      await victim.ask('served')
      if (isBlocked) {
        await victim.ask('block', forever)
        await until(async () => (await peerOf(port, victim)).queue.length >= 8)
      }
      await kill(victim)
      const { answered, failed } = await storm.stop()
      const { accepted, open } = countsIn(counts)
      assert.ok(accepted > 0)
      assert.ok(answered > 0)
      const failures = Object.values(failed).reduce((sum, count) => sum + count, 0)
      // One more may have been accepted but not yet noted.
      assert.ok(failures <= open + 1, `${failures} failed, ${open} were open`)
    }
    assertHealthy(members)
  },
)

test('several members die at once, and the others answer for all', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 5, patient)
  await untilAllHold(port, members)
  keepOrphans(t, port)
  const victims = members.slice(0, 3)
  const others = members.slice(3)
  await pause(...victims)
  const requests: Promise<string>[] = []
  for (const victim of victims) requests.push(...(await fillQueueOf(port, victim, 20)))
  await kill(...victims)
  await assertAnsweredBy(others, requests)
  const orphans = await orphansOf(port)
  assert.equal(orphans.length, 3)
  for (const { holders } of orphans) {
    assert.deepEqual(new Set(holders), new Set(others.map(({ pid }) => pid)))
  }
  assertHealthy(others)
})

test(
  'an orphan outlives its adopters: the last member answers its requests',
  needsHolders,
  async (t) => {
    const { port, members } = await startGroup(t, 5)
    await untilAllHold(port, members)
    keepOrphans(t, port)
    const inodes = inodesOf(port)
    const [first] = members
    assert.ok(first)
    const orphan = namesOf(port).find(({ pid }) => pid === first.pid)
    assert.ok(orphan)
    await kill(first)
    let left = members.slice(1)
    while (left.length > 1) {
      const count = members.length - left.length
      await until(async () => (await orphansOf(port)).length === count)
      await untilAllHold(port, left)
      const adopter = adopterOf(orphan.inode, namesOf(port), left)
      left = left.filter((one) => one !== adopter)
      await pause(adopter, ...left)
      const requests = await fillQueue(
        port,
        10,
        async () =>
          native.list('tcp', port).find(({ inode }) => inode === orphan.inode)?.length ?? 0,
      )
      await kill(adopter)
      wake(...left)
      await assertAnsweredBy(left, requests)
      assertHealthy(left)
    }
    assert.deepEqual(inodesOf(port), inodes)
  },
)

test('a member that dies while it joins does no harm', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 3)
  for (let i = 0; i < 15; i++) {
    const before = native.list('tcp', port).length
    const orphans = (await orphansOf(port)).length
    const victim = startMember(t, { port })
    // At once; or as soon as it presents itself or has its own listener; or when it is ready.
    if (i % 3 === 1) {
      const isThere = (): boolean =>
        native.list('tcp', port).length > before ||
        namesOf(port).some(({ pid }) => pid === victim.pid)
      const deadline = AbortSignal.timeout(patience)
      while (!isThere()) {
        deadline.throwIfAborted()
        await setImmediate()
      }
    }
    if (i % 3 === 2) await victim.hear('ready')
    await kill(victim)
    const counts = await countAnswers({ port }, 30)
    const pids = new Set(members.map(({ pid }) => String(pid)))
    assert.ok([...counts.keys()].every((pid) => pids.has(pid)))
    assert.ok((await orphansOf(port)).length <= orphans + 1)
  }
  assertHealthy(members)
})

// ---- who takes an orphan --------------------------------------------------------------------

test(
  'a joiner takes an orphan’s socket and gives it its own options',
  needs('holders', 'listenOptions'),
  async (t) => {
    const before = { backlog: 64, reuse: { deferAccept: 5, fastOpen: 16 } }
    const { port, members } = await startGroup(t, 2)
    const leaver = startMember(t, { port, ...before })
    await leaver.hear('ready')
    await untilAllHold(port, [...members, leaver])
    keepOrphans(t, port)
    const inodes = inodesOf(port)
    assert.ok((await leaver.ask<number>('option', 'TCP_DEFER_ACCEPT')) > 0)
    assert.equal(await leaver.ask('option', 'TCP_FASTOPEN'), 16)
    const joiner = await prepareMember(t, { port, backlog: 99 })
    const next = await prepareMember(t, { port, ...before })
    await kill(leaver)
    await until(async () => (await orphansOf(port)).length === 1)
    assert.equal((await orphansOf(port))[0]?.queue.limit, 64)

    await listenNow(joiner)
    assert.deepEqual(inodesOf(port), inodes)
    assert.deepEqual(await orphansOf(port), [])
    assert.equal((await peerOf(port, joiner)).queue.limit, 99)
    assert.deepEqual(await joiner.ask('queue'), { length: 0, limit: 99 })
    assert.equal(await joiner.ask('option', 'TCP_DEFER_ACCEPT'), 0)
    assert.equal(await joiner.ask('option', 'TCP_FASTOPEN'), 0)
    assert.equal((await countAnswers({ port }, 200)).size, 3)

    await kill(joiner)
    await until(async () => (await orphansOf(port)).length === 1)
    await listenNow(next)
    assert.deepEqual(inodesOf(port), inodes)
    assert.deepEqual(await next.ask('queue'), { length: 0, limit: 64 })
    assert.ok((await next.ask<number>('option', 'TCP_DEFER_ACCEPT')) > 0)
    assert.equal(await next.ask('option', 'TCP_FASTOPEN'), 16)
    assertHealthy(members)
  },
)

test('members that join at the same moment take one orphan each', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 5)
  await untilAllHold(port, members)
  keepOrphans(t, port)
  const inodes = inodesOf(port)
  const others = members.slice(3)
  const joiners = await Promise.all([1, 2, 3].map(() => prepareMember(t, { port })))
  await kill(...members.slice(0, 3))
  await until(async () => (await orphansOf(port)).length === 3)
  await untilAllHold(port, others)
  await Promise.all(joiners.map(listenNow))
  const group = await peers({ port })
  assert.deepEqual(
    new Set(group.flatMap(({ pid }) => pid ?? [])),
    new Set([...others, ...joiners].map(({ pid }) => pid)),
  )
  assert.deepEqual(inodesOf(port), inodes)
  assertHealthy(others)
})

test('an orphan goes to one joiner at a time, however slow that is', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 2)
  await untilAllHold(port, members)
  const [leaver] = members
  assert.ok(leaver)
  keepOrphans(t, port)
  await kill(leaver)
  await until(async () => (await orphansOf(port)).length === 1)
  const take = (): number | null => {
    const place = { address: '127.0.0.1', family: 4, ipv6Only: false, port } as const
    const { orphan } = takeOrphan('tcp', place, false)
    if (orphan !== null) t.after(() => native.close(orphan))
    return orphan
  }
  // A holder that is busy for too long gives no orphan.
  await until(() => take() !== null)
  // In the same turn of the event loop, for longer than the holder keeps it back.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
  assert.equal(take(), null)
  await setImmediate()
  await until(() => take() !== null) // A process that has not become a member does not keep it.
})

test('an exclusive server takes no orphan: its port is in use', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 2)
  await untilAllHold(port, members)
  const [leaver] = members
  assert.ok(leaver)
  const exclusive = await prepareMember(t, { port, reuse: { exclusive: true } })
  keepOrphans(t, port)
  const inodes = inodesOf(port)
  await kill(leaver)
  await until(async () => (await orphansOf(port)).length === 1)
  exclusive.tell('listen')
  assert.equal((await exclusive.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
  assert.equal((await orphansOf(port)).length, 1)
  assert.deepEqual(inodesOf(port), inodes)
})

test('offering an orphan does not break connections between members', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 3)
  await untilAllHold(port, members)
  const [leaver, ...others] = members
  assert.ok(leaver)
  keepOrphans(t, port)
  const joiner = await prepareMember(t, { port })
  await kill(leaver)
  await until(async () => (await orphansOf(port)).length === 1)
  await untilAllHold(port, others)
  const connections = (): string[] => connectionsBetween(port)
  const before = connections()
  assert.equal(before.length, 1)
  await listenNow(joiner)
  await untilAllHold(port, [...others, joiner])
  assert.ok(connections().includes(before[0] ?? ''), 'the two have the same connection')
})

/** The accepted ends of the connections between members, by inode: each carries its listener's name. */
function connectionsBetween(port: number): string[] {
  const lines = fs.readFileSync('/proc/net/unix', 'latin1').split('\n')
  return lines.flatMap((line) => {
    const isOfGroup = line.includes(`@reuse/1/tcp/127.0.0.1/dual/${port}/`)
    return isOfGroup ? (/ 00000000 0005 03 +(\d+) @/.exec(line)?.[1] ?? []) : []
  })
}

test('an orphan of dual-stack `::` is not taken by an ipv6Only joiner', needsHolders, async (t) => {
  const dual = { host: '::', ipv6Only: false }
  const { port, members } = await startGroup(t, 2, dual)
  await untilAllHold(port, members)
  const [leaver] = members
  assert.ok(leaver)
  const six = await prepareMember(t, { port, host: '::', ipv6Only: true })
  const joiner = await prepareMember(t, { port, ...dual })
  keepOrphans(t, port, { address: '::' })
  const inodes = inodesOf(port)
  await kill(leaver)
  await until(async () => (await orphansOf(port)).length === 1)

  await listenNow(six)
  assert.equal(native.list('tcp', port).length, 3)
  assert.equal((await orphansOf(port)).length, 1)
  assert.deepEqual((await peerOf(port, six)).holders, [])

  await listenNow(joiner)
  // A joiner that gets no answer from a busy holder binds its own listener: the next one asks again.
  while ((await orphansOf(port)).length > 0)
    await listenNow(await prepareMember(t, { port, ...dual }))
  const after = inodesOf(port)
  assert.ok(inodes.every((inode) => after.includes(inode)))
})

// ---- who holds what -------------------------------------------------------------------------

function holdersByPid(group: readonly Peer[]): Map<number | null, number[]> {
  return new Map(group.map(({ pid, holders }) => [pid, [...holders].sort((a, b) => a - b)]))
}

/** Who holds what if each holds the listeners of all others. */
function everyOther(members: readonly Fixture[]): Map<number, number[]> {
  const pids = members.map(({ pid }) => pid).sort((a, b) => a - b)
  return new Map(members.map(({ pid }) => [pid, pids.filter((other) => other !== pid)]))
}

test('peers() shows orphans and holders, from inside and from outside', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 4)
  await untilAllHold(port, members)
  const [closed, killed, ...others] = members
  assert.ok(closed && killed)
  const letGo = keepOrphans(t, port)
  const pids = others.map(({ pid }) => pid).sort((a, b) => a - b)
  const views = async (): Promise<Peer[][]> => [
    await peers({ port }),
    (await others[0]?.ask<Peer[]>('peers')) ?? [],
    (await others[1]?.ask<Peer[]>('peersOf', port)) ?? [],
  ]
  for (const group of await views()) {
    assert.deepEqual(holdersByPid(group), everyOther(members))
    assert.ok(group.every(({ orphan }) => !orphan))
  }

  await closed.ask('close') // The process lives on.
  await kill(killed)
  await until(async () => (await orphansOf(port)).length === 2)
  for (const group of await views()) {
    assert.equal(group.length, 4)
    const orphans = group.filter(({ orphan }) => orphan)
    assert.equal(orphans.length, 2)
    for (const { pid, program, self, holders } of orphans) {
      assert.deepEqual({ pid, program, self }, { pid: null, program: null, self: false })
      assert.deepEqual(
        [...holders].sort((a, b) => a - b),
        pids,
      )
    }
    const owned = group.filter(({ orphan }) => !orphan)
    assert.deepEqual(holdersByPid(owned), everyOther(others))
  }

  const joiners = [startMember(t, { port }), startMember(t, { port })]
  await Promise.all(joiners.map((joiner) => joiner.hear('ready')))
  await untilAllHold(port, [...others, ...joiners])
  letGo()
  // A joiner that gets no answer from a busy holder binds its own listener, and the orphan is retired.
  await until(async () => (await orphansOf(port)).length === 0)
  for (const group of await views()) {
    assert.deepEqual(holdersByPid(group), everyOther([...others, ...joiners]))
  }
})

test(
  'same-program gives nothing to another program, and takes nothing from it',
  needsHolders,
  async (t) => {
    const only = { reuse: { only: 'same-program' } } as const
    const { port, members } = await startGroup(t, 2, only)
    await untilAllHold(port, members)
    const others = [1, 2].map(() => startMember(t, { port }, 'other-member.js'))
    await Promise.all(others.map((other) => other.hear('ready')))
    await until(async () => {
      const found = holdersByPid(await peers({ port }))
      return others.every(({ pid }) => (found.get(pid)?.length ?? 0) > 0)
    })
    const expected = new Map([...everyOther(members), ...everyOther(others)])
    assert.deepEqual(holdersByPid(await peers({ port })), expected)

    // Nor does an orphan go to another program: neither by the exchange of holders, nor to a joiner.
    const [leaver, last] = members
    assert.ok(leaver && last)
    const foreign = await prepareMember(t, { port }, 'other-member.js')
    const joiner = await prepareMember(t, { port })
    keepOrphans(t, port)
    await kill(leaver)
    await until(async () => (await orphansOf(port)).length === 1)
    await listenNow(foreign)
    assert.equal(native.list('tcp', port).length, 5)
    assert.deepEqual(
      (await orphansOf(port)).map(({ holders }) => holders),
      [[last.pid]],
    )
    await listenNow(joiner)
    assert.equal(native.list('tcp', port).length, 5)
    assert.deepEqual(await orphansOf(port), [])
  },
)

test('an exclusive listener is given to nobody', needsHolders, async (t) => {
  const alone = startMember(t, { port: 0, reuse: { exclusive: true } })
  const { port } = await alone.hear<{ port: number }>('ready')
  assert.deepEqual(namesOf(port), [])
  const refused = startMember(t, { port })
  assert.equal((await refused.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
  assert.deepEqual(await peerOf(port, alone).then(({ holders, orphan }) => ({ holders, orphan })), {
    holders: [],
    orphan: false,
  })
  await kill(alone)
  assert.deepEqual(await peers({ port }), [])
})

test('an inherited listener is given to no member', needs('holders', 'descriptors'), async (t) => {
  const socket = native.open('tcp', 4)
  t.after(() => native.close(socket))
  native.setOption(socket, 'SO_REUSEPORT', 1)
  native.bind(socket, '127.0.0.1', 0)
  native.listen(socket, 64)
  const { port } = native.getAddress(socket)
  const script = `export LISTEN_FDS=1 LISTEN_PID=$$; exec "${process.execPath}" "${fixtureFile('inheritor.js').pathname}" "$1"`
  const inheritor = startFixture(t, ['sh', '-c', script, 'sh', JSON.stringify({ port })], {
    descriptors: [socket],
  })
  await inheritor.hear('ready')
  const members = [startMember(t, { port }), startMember(t, { port })]
  await Promise.all(members.map((member) => member.hear('ready')))
  await until(async () => {
    const found = holdersByPid(await peers({ port }))
    return members.every(({ pid }) => found.get(pid)?.length === 2)
  })
  const all = everyOther([inheritor, ...members])
  all.set(inheritor.pid, [process.pid]) // The supervisor.
  assert.deepEqual(holdersByPid(await peers({ port })), all)
  await kill(inheritor)
  assert.equal(native.list('tcp', port).length, 3)
  await until(async () => {
    const group = await peers({ port })
    return group.every(({ holders }) => !holders.includes(inheritor.pid))
  })
  assert.deepEqual(await orphansOf(port), [])
})

test('the listener of a thread that is terminated lives on', needsHolders, async (t) => {
  const { server, member } = sharedServer(t, { rescue: false }, 'main')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const worker = new Worker(fixtureFile('thread.js'), { workerData: { port, name: 'worker' } })
  t.after(() => worker.terminate())
  await once(worker, 'message')
  worker.postMessage('block')
  await once(worker, 'message')
  const requests = await fillQueue(port, 20, async () => {
    const group = await member.peers()
    return group.find(({ self }) => !self)?.queue.length ?? 0
  })
  const inodes = inodesOf(port)
  await worker.terminate()
  // Node lets libuv poll once more: what it accepts then cannot be given to anybody.
  const { main = 0, ECONNRESET: dropped = 0 } = tally(await Promise.all(requests))
  assert.equal(main + dropped, requests.length)
  assert.deepEqual(inodesOf(port), inodes)
  assert.deepEqual([...(await countAnswers({ port }, 50))], [['main', 50]])
})

test(
  'members hold each other beside a stranger, whose listener nobody holds',
  needs('holders', 'python'),
  async (t) => {
    const { port, members } = await startGroup(t, 3, patient)
    const python = startPython(t, port, 'share')
    await python.hear('ready')
    await until(async () => {
      const group = await peers({ port })
      return group.filter(({ holders }) => holders.length === 2).length === 3
    })
    const [victim, ...others] = members
    assert.ok(victim)
    await pause(victim, python)
    const requests = await fillQueueOf(port, victim, 20)
    assert.deepEqual((await peerOf(port, python)).holders, [])
    await kill(victim)
    // What waits at the stranger stays there: nobody holds its listener.
    wake(python)
    const answers = tally(await Promise.all(requests))
    assert.ok((answers.python ?? 0) < requests.length - 20 + 1)
    const { python: _, ...byMembers } = answers
    const pids = others.map(({ pid }) => String(pid))
    assert.ok(Object.keys(byMembers).every((answer) => pids.includes(answer)))
    assert.deepEqual(
      holdersByPid((await peers({ port })).filter(({ orphan }) => !orphan)),
      new Map([...everyOther(others), [python.pid, []]]),
    )
    assertHealthy(others)
  },
)

test(
  'the last member to leave serves what waits at one that has just died',
  needs('holders', 'python'),
  async (t) => {
    const { port, members } = await startGroup(t, 1, patient)
    const [victim] = members
    assert.ok(victim)
    const { server, member } = sharedServer(t, patient.reuse)
    await listening(server.listen(port, '127.0.0.1'))
    const python = startPython(t, port, 'share')
    await python.hear('ready')
    await until(async () => (await peerOf(port, victim)).holders.includes(process.pid))
    await victim.ask('block', forever)
    const requests = await fillQueueOf(port, victim, 20)

    // In one turn of the event loop: nothing but the leave itself can find out that the victim is dead.
    process.kill(victim.pid, 'SIGKILL')
    while (!isZombie(victim));
    const { lossless, successors } = await member.leave()
    assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
    const answers = tally(await Promise.all(requests))
    const { ok = 0, python: others = 0 } = answers
    assert.ok(ok >= 20, `of those that waited, ${ok} were served: ${JSON.stringify(answers)}`)
    assert.equal(ok + others, requests.length, JSON.stringify(answers))
  },
)
