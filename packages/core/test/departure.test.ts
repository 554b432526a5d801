/** How a socket that nobody serves any longer leaves its group, in one process. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { constants } from 'node:os'
import { type TestContext, test } from 'node:test'
import { freePort, needs, patience, until } from '@reuse/testkit'
import { Arrangement } from '../src/group/arrangement.js'
import { departFrom } from '../src/group/departure.js'
import { Group, inodeOf } from '../src/group/group.js'
import { handshakesOf } from '../src/group/handshakes.js'
import { tryLock } from '../src/group/lock.js'
import { probeOrder } from '../src/group/probe.js'
import { hashFilter } from '../src/group/steering-decisions.js'
import { native, type SocketOption } from '../src/socket/native.js'
import { setSharing } from '../src/socket/sharing.js'
import { openDescriptors } from './raw-member.js'
import { forever } from './waiting.js'

const needsSteering = needs('steering', 'holders')

type Options = Partial<Record<SocketOption, number>>

/** Three listeners of one group, in the order of their indexes. */
async function openGroup(t: TestContext, firstHas: Options = {}, othersHave: Options = {}) {
  const port = await freePort()
  const open = (options: Options): number => {
    const socket = native.open('tcp', 4)
    t.after(() => native.close(socket))
    setSharing(socket, 'tcp')
    for (const [name, value] of Object.entries(options)) {
      native.setOption(socket, name as SocketOption, value)
    }
    native.bind(socket, '127.0.0.1', port)
    native.listen(socket, 64)
    return socket
  }
  const first = open(firstHas)
  const others = [open(othersHave), open(othersHave)]
  return { port, first, others }
}

/** What takes the first listener out of its group; `depart` tries to for some milliseconds. */
function wayOutOf(
  first: number,
  isWanted = () => true,
  onHear = () => {},
  others: readonly number[] = [],
) {
  const group = new Group(first, 'tcp')
  const arrangement = new Arrangement(group, {
    census: () => ({
      ...{ protocol: 'tcp', policy: 'hash', weights: new Map(), orphans: new Set() },
      inodes: group.inodes(),
      retiring: new Set([group.inode]),
    }),
    listeners: () => new Map([first, ...others].map((socket) => [inodeOf(socket), socket])),
    hearNow: () => onHear(),
    onArranged: () => {},
  })
  const isGivenUp = (): boolean => !isWanted()
  const depart = (milliseconds: number): ReturnType<typeof departFrom> =>
    departFrom({
      ...{ group, arrangement, isLast: false, isGivenUp },
      deadline: performance.now() + milliseconds,
    })
  return { group, arrangement, depart }
}

/** Connects many times, and sends nothing. */
async function connectMany(t: TestContext, port: number): Promise<net.Socket[]> {
  const clients = Array.from({ length: 20 }, () => {
    const client = net.connect(port, '127.0.0.1').on('error', () => {})
    t.after(() => client.destroy())
    return client
  })
  await Promise.all(clients.map((client) => once(client, 'connect')))
  return clients
}

/** Connects until the first listener has got what a test needs: the kernel chooses one each time. */
async function connectUntil(
  t: TestContext,
  port: number,
  isMet: () => boolean,
): Promise<net.Socket[]> {
  const clients: net.Socket[] = []
  do clients.push(...(await connectMany(t, port)))
  while (!isMet())
  return clients
}

/** Asserts that nobody has the lock of a group. */
function assertFree({ key }: Group): void {
  const lock = tryLock(key)
  assert.ok(lock, 'somebody has the lock')
  lock.release()
}

const isListening = (socket: number): boolean => native.getOption(socket, 'SO_ACCEPTCONN') !== 0
const queueOf = (socket: number): number => native.getQueue(socket).length

function serve(...sockets: number[]): void {
  for (const socket of sockets) {
    while (isListening(socket)) {
      const connection = native.accept(socket)
      if (connection === null) break
      native.close(connection)
    }
  }
}

test('a listener leaves its group only once its queue is empty', needsSteering, async (t) => {
  const { port, first, others } = await openGroup(t)
  const { group, depart } = wayOutOf(first)
  await connectUntil(t, port, () => queueOf(first) > 0)
  assert.equal(await depart(300), 'timeout')
  assert.equal(group.inodes().size, 3)
  serve(first, ...others)
  assert.equal(await depart(5000), null)
  assert.equal(group.inodes().size, 2)
  // All connections that come now go to the others.
  await connectMany(t, port)
})

test('a listener leaves its group only after pending handshakes end', needsSteering, async (t) => {
  // Until its client sends something, a connection does not enter the queue.
  const { port, first, others } = await openGroup(t, { TCP_DEFER_ACCEPT: 20 })
  const { group, depart } = wayOutOf(first)
  const clients = await connectUntil(t, port, () => handshakesOf(group).size > 0)
  assert.equal(queueOf(first), 0)
  const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
  assert.equal(await depart(300), 'timeout')
  assert.equal(group.inodes().size, 3)
  for (const client of clients) client.write('something')
  assert.equal(await depart(5000), null)
  clearInterval(serving)
})

test('a leaving listener does not wait for others’ later handshakes', needsSteering, async (t) => {
  const deferred = { TCP_DEFER_ACCEPT: 20 }
  const { port, first, others } = await openGroup(t, deferred, deferred)
  const { group, depart } = wayOutOf(first)
  const clients = await connectUntil(t, port, () => handshakesOf(group).size > 0)
  const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
  t.after(() => clearInterval(serving))
  const looks = t.mock.method(native, 'listHandshakes').mock
  const departure = depart(patience)
  await until(() => looks.callCount() > 0)
  await connectMany(t, port) // They send nothing.
  for (const client of clients) client.write('something')
  assert.equal(await departure, null)
})

test('a listener stays if its departure is given up or outdated', needsSteering, async (t) => {
  const { port, first } = await openGroup(t)
  let isWanted = true
  let onHear = (): void => {}
  const { group, arrangement, depart } = wayOutOf(
    first,
    () => isWanted,
    () => onHear(),
  )
  await connectUntil(t, port, () => queueOf(first) > 0)
  let reason: Awaited<ReturnType<typeof depart>> | undefined
  depart(forever).then((given) => {
    reason = given
  })
  isWanted = false
  await until(() => reason === 'timeout')

  const out = (): never => assert.fail('it is out')
  const { current } = arrangement
  assert.equal(await arrangement.take(group.inode, current, () => false, out), false)
  // Another member has arranged the group meanwhile, and has said so.
  onHear = () => arrangement.learn({ ...current })
  assert.equal(await arrangement.take(group.inode, current, () => true, out), false)
})

test(
  'a departure ends at its deadline though others keep changing the group',
  needsSteering,
  async (t) => {
    const { first, others } = await openGroup(t)
    const { group, arrangement, depart } = wayOutOf(
      first,
      () => true,
      () => arrangement.learn({ ...arrangement.current }),
    )
    const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
    t.after(() => clearInterval(serving))
    let reason: Awaited<ReturnType<typeof depart>> | undefined
    depart(300).then((given) => {
      reason = given
    })
    await until(() => reason === 'timeout')
    assert.equal(group.inodes().size, 3)
  },
)

test(
  'a change of the group leaves no lock, no mark and no descriptor behind',
  needsSteering,
  async (t) => {
    const { first, others } = await openGroup(t)
    const { group, arrangement, depart } = wayOutOf(first, undefined, undefined, others)
    const sizes = (): number[] => others.map((socket) => native.getOption(socket, 'TCP_MAXSEG'))
    const before = { sizes: sizes(), descriptors: openDescriptors() }
    const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
    t.after(() => clearInterval(serving))
    const attach = t.mock.method(native, 'attachFilter', () => {
      throw Object.assign(new Error('x'), { errno: constants.errno.ENOMEM, syscall: 'setsockopt' })
    })
    await assert.rejects(arrangement.arrange(true), { code: 'ENOMEM' })
    assertFree(group)
    attach.mock.restore()

    assert.equal(await depart(patience), null)
    assertFree(group)
    // The order that it knows is the actual one.
    const [second = 0, third = 0] = others
    const rest = new Group(second, 'tcp')
    const listeners = new Map(others.map((socket) => [inodeOf(socket), socket]))
    assert.deepEqual(arrangement.current.order, probeOrder(rest, listeners, 2, hashFilter))
    assert.deepEqual(arrangement.current.order, [inodeOf(third), inodeOf(second)])
    serve(...others)

    const last = wayOutOf(second)
    assert.equal(
      await departFrom({
        ...{ group: rest, arrangement: last.arrangement, isLast: true, isGivenUp: () => false },
        deadline: performance.now() + patience,
      }),
      null,
    )
    assertFree(rest)
    serve(...others)
    assert.equal(openDescriptors(), before.descriptors)
    assert.deepEqual(sizes().slice(1), before.sizes.slice(1))
  },
)

test('after a departure the kernel’s hash chooses among the others', needsSteering, async (t) => {
  const { port, first, others } = await openGroup(t)
  const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
  assert.equal(await wayOutOf(first).depart(5000), null)
  clearInterval(serving)
  serve(...others)
  // The kernel's hash always gives the same client address and port to the same listener.
  for (let each = 0; each < 8; each++) {
    const localPort = await freePort()
    const met = new Set<number>()
    for (let i = 0; i < 12; i++) {
      const client = net.connect({ port, host: '127.0.0.1', localPort, localAddress: '127.0.0.1' })
      await once(client, 'connect')
      met.add(await until(() => others.find((socket) => queueOf(socket) > 0)))
      serve(...others)
      client.resetAndDestroy()
      await once(client, 'close')
    }
    assert.equal(met.size, 1)
  }
})

test('a listener that its program has shut down is not reopened', needsSteering, async (t) => {
  const { first, others } = await openGroup(t)
  const { group, arrangement } = wayOutOf(first)
  const listened = t.mock.method(native, 'listen')
  const serving = setInterval(() => serve(first, ...others), 5) // It accepts probes, too.
  const reason = await departFrom({
    ...{ group, arrangement, isLast: true, isGivenUp: () => false },
    whenEmpty: async () => native.shutDown(first),
    deadline: performance.now() + 5000,
  })
  clearInterval(serving)
  assert.equal(reason, null)
  assert.equal(listened.mock.callCount(), 0)
  assert.equal(group.inodes().size, 2)
})

test('a handshake counts for the most exact address that covers it', needsSteering, async (t) => {
  const port = await freePort()
  const placeOf = (address: string) => ({
    place: { address, port, family: 4 as const, ipv6Only: false },
  })
  for (const address of ['0.0.0.0', '127.0.0.1']) {
    const socket = native.open('tcp', 4)
    t.after(() => native.close(socket))
    setSharing(socket, 'tcp')
    native.setOption(socket, 'TCP_DEFER_ACCEPT', 20)
    native.bind(socket, address, port)
    native.listen(socket, 64)
  }
  const connectAt = async (host: string): Promise<void> => {
    const client = net.connect(port, host)
    t.after(() => client.destroy())
    await once(client, 'connect')
  }
  await connectAt('127.0.0.1')
  await until(() => handshakesOf(placeOf('127.0.0.1')).size === 1)
  assert.equal(handshakesOf(placeOf('0.0.0.0')).size, 0)
  await connectAt('127.0.0.2')
  await until(() => handshakesOf(placeOf('0.0.0.0')).size === 1)
  assert.equal(handshakesOf(placeOf('127.0.0.1')).size, 1)
})

test(
  'a departing UDP socket gets nothing new, and leaves once it is empty',
  needsSteering,
  async (t) => {
    const port = await freePort()
    const [first = 0, second = 0] = [0, 1].map(() => {
      const socket = native.open('udp', 4)
      t.after(() => native.close(socket))
      setSharing(socket, 'udp')
      native.bind(socket, '127.0.0.1', port)
      return socket
    })
    const sendMany = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        const client = dgram.createSocket('udp4')
        await new Promise((resolve) => client.send('x', port, '127.0.0.1', resolve))
        client.close()
      }
    }
    do await sendMany()
    while (queueOf(first) === 0)
    const group = new Group(first, 'udp')
    assert.equal(group.includes(first, group.inode), true)
    const { arrangement } = wayOutOf(first)
    let reason: unknown
    departFrom({
      ...{ group, arrangement, isLast: false, isGivenUp: () => false },
      deadline: performance.now() + forever,
    }).then((given) => {
      reason = given
    })
    await until(() => !group.includes(first, group.inode))
    const before = [queueOf(first), queueOf(second)]
    await sendMany()
    await until(() => queueOf(second) > (before[1] ?? 0))
    assert.equal(queueOf(first), before[0])
    assert.equal(reason, undefined)
    while (queueOf(first) > 0) native.receiveDatagram(first)
    await until(() => reason === null)
  },
)
