/** Steering filters, instruction by instruction. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Choice,
  chooseFilter,
  constantFilter,
  encode,
  type Filter,
  kernelHash,
  probeFilter,
  type Seat,
} from '../../src/steering/filter.js'
import { convertedSize, optionMemory } from './converted.js'
import { Generator } from './generator.js'
import { check, run, trace } from './interpreter.js'
import { list } from './listing.js'
import { type Packet, packet } from './packets.js'
import { alike, checkedFilter, seatsOf } from './seats.js'

const choices: Choice[] = [
  'random',
  'flow',
  'source-address',
  'cpu',
  { payload: { offset: 1, length: 8 } },
]
const anyPacket = packet({ source: '10.0.0.1' })

test('a filter is encoded as an array of struct sock_filter', () => {
  const bytes = encode([
    { code: 0x35, jt: 1, jf: 255, k: 0xfffff008 },
    { code: 6, jt: 0, jf: 0, k: 3 },
  ])
  const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
  assert.deepEqual(
    [...bytes],
    isLittleEndian
      ? [0x35, 0, 1, 255, 0x08, 0xf0, 0xff, 0xff, 6, 0, 0, 0, 3, 0, 0, 0]
      : [0, 0x35, 1, 255, 0xff, 0xff, 0xf0, 0x08, 0, 6, 0, 0, 0, 0, 0, 3],
  )
})

const listings: [string, Filter, string[]][] = [
  ['a constant', constantFilter(3), ['ret #3']],
  ["the kernel's own hash", constantFilter(kernelHash), ['ret #0xffffffff']],
  [
    'the only seat with a weight',
    chooseFilter({ choice: 'source-address', protocol: 'tcp', seats: seatsOf(0, 0, 2) }),
    ['ret #2'],
  ],
  [
    'three equal seats use a remainder',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: alike(3) }),
    ['ld [random]', 'mod #3', 'ret a'],
  ],
  [
    'the middle one of three leaves, so its index is skipped',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: seatsOf(1, 0, 1) }),
    ['ld [random]', 'mod #2', 'jge #1, 3, 4', 'add #1', 'ret a'],
  ],
  [
    'the first of three leaves',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: seatsOf(0, 1, 1) }),
    ['ld [random]', 'mod #2', 'jge #0, 3, 4', 'add #1', 'ret a'],
  ],
  [
    'the last of three leaves',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: seatsOf(1, 1, 0) }),
    ['ld [random]', 'mod #2', 'ret a'],
  ],
  [
    'two indexes are missing, so no remainder fits',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: seatsOf(0, 1, 0, 1) }),
    ['ld [random]', 'jge #0x80000000, 3, 2', 'ret #1', 'ret #3'],
  ],
  [
    'weights use a tree of thresholds',
    chooseFilter({ choice: 'random', protocol: 'tcp', seats: seatsOf(1, 2, 1) }),
    ['ld [random]', 'jge #0x40000000, 3, 2', 'ret #0', 'jge #0xc0000000, 5, 4', 'ret #1', 'ret #2'],
  ],
  [
    'cpu ignores how large the weights are',
    chooseFilter({ choice: 'cpu', protocol: 'tcp', seats: seatsOf(5, 1) }),
    ['ld [cpu]', 'mod #2', 'ret a'],
  ],
  [
    'cpu with two indexes missing',
    chooseFilter({ choice: 'cpu', protocol: 'tcp', seats: seatsOf(0, 1, 0, 1) }),
    ['ld [cpu]', 'mod #2', 'jge #1, 4, 3', 'ret #1', 'ret #3'],
  ],
  [
    'a probe',
    probeFilter({ sourcePort: 500, index: 2, otherwise: constantFilter(kernelHash) }),
    [
      'ldb [ip + 0]',
      'and #240',
      'jeq #64, 12, 3', // The version of IP.
      'ldb [ip + 6]', // IPv6: the next header.
      'jeq #6, 10, 5', // TCP.
      'jeq #17, 8, 6', // UDP.
      'ld #0',
      'ja 9',
      'ldh [ip + 40]',
      'ja 11',
      'ldh [ip + 40]',
      'ja 14',
      'ldxb 4*([ip + 0]&0xf)', // IPv4: the length of its header.
      'ldh [x + ip + 0]',
      'jeq #0x1f4, 15, 16',
      'ret #2',
      'ret #0xffffffff',
    ],
  ],
]

for (const [name, filter, expected] of listings) {
  test(`the filter has the expected instructions: ${name}`, () => {
    check(filter)
    assert.deepEqual(list(filter), expected)
  })
}

test('a rendezvous takes seven instructions for each further seat', () => {
  for (const choice of ['source-address', { payload: { offset: 0, length: 4 } }] as const) {
    const lengths = [2, 3, 4].map((count) => checkedFilter(choice, alike(count)).length)
    assert.deepEqual(
      lengths.map((length) => length - (lengths[0] ?? 0)),
      [0, 7, 14],
    )
  }
  const [two, three] = [2, 3].map((count) => list(checkedFilter('source-address', alike(count))))
  assert.deepEqual(two?.slice(-2), ['ld M[1]', 'ret a'])
  const seat = three?.slice(two ? two.length - 2 : 0, -2)
  assert.match(
    seat?.join('\n') ?? '',
    /^ld M\[0\]\nxor #\w+\nmul #\w+\njgt x, \d+, \d+\ntax\nld #2\nst M\[1\]$/,
  )
})

test('a filter for seats without any weight is a RangeError', () => {
  for (const choice of choices) {
    for (const seats of [[], seatsOf(0), seatsOf(0, 0, 0)]) {
      assert.throws(() => chooseFilter({ choice, protocol: 'udp', seats }), RangeError)
    }
  }
})

test('payload bytes outside a datagram, or of TCP, are refused', () => {
  const choose = (offset: number, length: number, protocol: 'tcp' | 'udp' = 'udp') =>
    chooseFilter({ choice: { payload: { offset, length } }, protocol, seats: alike(2) })
  for (const [offset, length] of [
    [0, 0],
    [0, 9],
    [0, 1.5],
    [-1, 4],
    [0.5, 4],
    [Number.NaN, 4],
    [65_527, 1],
    [65_520, 8],
  ] as const) {
    assert.throws(() => choose(offset, length), RangeError, `${offset}, ${length}`)
  }
  assert.throws(() => choose(0, 4, 'tcp'), TypeError)
  check(choose(65_519, 8))
})

test('256 seats fit into the old default of option memory, in every choice', () => {
  const everySecond = alike(512).map((seat) => ({ ...seat, weight: seat.index % 2 }))
  const unequal = alike(256).map((seat) => ({ ...seat, weight: 1 + (seat.index % 7) }))
  for (const choice of choices) {
    for (const seats of [alike(256), unequal, everySecond]) {
      const chosen = checkedFilter(choice, seats)
      const filter = probeFilter({ sourcePort: 1, index: 1, otherwise: chosen })
      check(filter)
      const size = convertedSize(filter)
      assert.ok(filter.length < 2500, `${JSON.stringify(choice)}: ${filter.length} long`)
      assert.ok(size <= optionMemory, `${JSON.stringify(choice)}: ${size} bytes`)
    }
  }
})

test('a weighted choice among 256 seats takes at most ten instructions', () => {
  const generator = new Generator(1)
  const seats = alike(256).map((seat) => ({ ...seat, weight: 1 + generator.below(1000) }))
  const filter = checkedFilter('random', seats)
  for (let i = 0; i < 1000; i++) {
    const { steps } = trace(filter, anyPacket, { random: generator.bits() })
    assert.ok(steps <= 10, `${steps} steps`)
  }
})

test('a filter works for more seats than a conditional jump can skip', () => {
  const seats = alike(3000).map((seat) => ({ ...seat, weight: 1 + (seat.index % 2) }))
  // The kernel takes at most 4,096 instructions, which the check asserts.
  assert.throws(() => checkedFilter('random', seats), /5\d+ long|6\d+ long/)
  const filter = checkedFilter('random', seats.slice(0, 1500))
  const [first, last] = [0, 0xffffffff].map((random) => run(filter, anyPacket, { random }))
  assert.deepEqual([first, last], [0, 1499])
})

test('the thresholds of random are where the weights put them', () => {
  const filter = checkedFilter('random', seatsOf(1, 0, 0.01))
  const border = Math.round(2 ** 32 / 1.01)
  assert.equal(run(filter, anyPacket, { random: 0 }), 0)
  assert.equal(run(filter, anyPacket, { random: border - 1 }), 0)
  assert.equal(run(filter, anyPacket, { random: border }), 2)
  assert.equal(run(filter, anyPacket, { random: 0xffffffff }), 2)
})

test('extremely large and small weights still choose a seat with a weight', () => {
  for (const seats of [
    seatsOf(Number.MAX_VALUE, Number.MAX_VALUE, 1),
    seatsOf(Number.MIN_VALUE, Number.MIN_VALUE, Number.MIN_VALUE / 2, 0),
    seatsOf(1e-30, 1, 1e-30, 1, 1e-30),
  ]) {
    const filter = checkedFilter('random', seats)
    for (const random of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const index = run(filter, anyPacket, { random })
      assert.ok((seats[index]?.weight ?? 0) > 0, `${index} of ${seats.map((s) => s.weight)}`)
    }
  }
})

test('a probe matches its source port in IPv4 and IPv6, and no other port', () => {
  const otherwise = constantFilter(9)
  const filter = probeFilter({ sourcePort: 40_001, index: 2, otherwise })
  const at = (options: Omit<Parameters<typeof packet>[0], 'source'>, source = '10.0.0.1') =>
    run(filter, packet({ source, ...options }))

  for (const protocol of ['tcp', 'udp'] as const) {
    for (const extra of [0, 4, 40]) assert.equal(at({ protocol, port: 40_001, extra }), 2)
    assert.equal(at({ protocol, port: 40_001 }, '2001:db8::1'), 2)
    for (const port of [40_000, 40_002, 0, 65_535, 0x419c]) {
      assert.equal(at({ protocol, port }), 9)
      assert.equal(at({ protocol, port }, '2001:db8::1'), 9)
    }
    assert.equal(at({ protocol, port: 40_001, extra: 8 }, '2001:db8::1'), 9)
  }
})

test('a probe does not change the choices of the filter behind it', () => {
  const seats = alike(256)
  for (const choice of choices) {
    const otherwise = checkedFilter(choice, seats)
    const filter = probeFilter({ sourcePort: 40_001, index: 999, otherwise })
    check(filter)
    for (const source of ['10.0.0.1', '2001:db8::1']) {
      const machine = { random: 0x12345678, cpu: 3 }
      const other = packet({ protocol: 'udp', source, port: 40_000, payload: [1, 2, 3] })
      assert.equal(run(filter, other, machine), run(otherwise, other, machine))
      assert.equal(run(filter, packet({ source, port: 40_001 }), machine), 999)
    }
  }
})

test('an IPv4 client gets the same seat as a client at ::ffff:a.b.c.d', () => {
  const filter = checkedFilter('source-address', alike(256))
  const flow = checkedFilter('flow', alike(256))
  for (let i = 0; i < 200; i++) {
    const source = `10.0.${i}.${255 - i}`
    const [four, six] = [packet({ source }), packet({ source: `::ffff:${source}` })]
    assert.equal(run(filter, four), run(filter, six))
    assert.equal(run(flow, four), run(flow, six))
  }
})

test('source-address looks at the address only, and flow at address and port', () => {
  const byAddress = checkedFilter('source-address', alike(64))
  const byFlow = checkedFilter('flow', alike(64))
  for (const source of ['10.0.0.1', '2001:db8::1']) {
    const ports = Array.from({ length: 100 }, (_, i) => 40_000 + i)
    const packets = ports.map((port) => packet({ protocol: 'udp', source, port, payload: [port] }))
    assert.equal(new Set(packets.map((p) => run(byAddress, p))).size, 1)
    assert.ok(new Set(packets.map((p) => run(byFlow, p))).size > 30)

    const again = packet({ protocol: 'udp', source, port: 40_000, payload: [1, 2] })
    assert.equal(run(byFlow, again), run(byFlow, packets[0] ?? again))
  }
  const plain = packet({ source: '10.0.0.1' })
  const withOptions = packet({ source: '10.0.0.1', extra: 12 })
  assert.equal(run(byFlow, withOptions), run(byFlow, plain))
  // Behind extension headers no port can be read: such a flow goes by its address.
  const hidden = (port: number) => packet({ source: '2001:db8::1', port, extra: 8 })
  assert.equal(run(byFlow, hidden(40_000)), run(byFlow, hidden(40_001)))
})

test('exactly the named bytes of the payload decide', () => {
  const seats = alike(256)
  const base = Array.from({ length: 20 }, (_, i) => i)
  const source = '10.0.0.1'
  for (let length = 1; length <= 8; length++) {
    const filter = checkedFilter({ payload: { offset: 3, length } }, seats)
    const chosen = run(filter, packet({ protocol: 'udp', source, payload: base }))
    for (const changed of base) {
      const results = [1, 2, 4, 8].map((flip) => {
        const payload = base.map((byte, i) => (i === changed ? byte ^ flip : byte))
        return run(filter, packet({ protocol: 'udp', source, port: flip, payload }))
      })
      const named = changed >= 3 && changed < 3 + length
      assert.equal(new Set([chosen, ...results]).size > 1, named, `byte ${changed} of ${length}`)
    }
  }
})

test('a datagram too short for the payload policy goes by its address and port', () => {
  const filter = checkedFilter({ payload: { offset: 2, length: 4 } }, seatsOf(0, 1, 1, 1, 0, 1))
  for (const source of ['10.0.0.1', '2001:db8::1']) {
    for (let size = 0; size < 6; size++) {
      const short = (port: number, fill: number) =>
        run(
          filter,
          packet({ protocol: 'udp', source, port, payload: Array<number>(size).fill(fill) }),
        )
      assert.equal(short(40_000, 1), short(40_000, 2))
      const ports = Array.from({ length: 50 }, (_, i) => short(40_000 + i, 1))
      assert.deepEqual(
        [...new Set(ports)].sort(),
        [1, 2, 3, 5],
        'each seat with a weight, and no other',
      )
    }
  }
})

test('the order in which the seats are named does not matter', () => {
  const generator = new Generator(2)
  const seats = alike(20)
  for (const choice of choices) {
    assert.deepEqual(checkedFilter(choice, generator.shuffled(seats)), checkedFilter(choice, seats))
  }
})

test('in random groups every filter returns a seat with a weight', () => {
  const seed = 20_261_122
  const generator = new Generator(seed)
  for (let round = 0; round < 400; round++) {
    const seats = randomSeats(generator)
    const taken = new Set(seats.filter(({ weight }) => weight > 0).map(({ index }) => index))
    for (const choice of [...choices, { payload: randomPayload(generator) }]) {
      const filter = checkedFilter(choice, seats)
      for (let i = 0; i < 20; i++) {
        const machine = { random: generator.bits(), cpu: generator.below(512) }
        const index = run(filter, randomPacket(generator), machine)
        assert.ok(
          taken.has(index),
          `seed ${seed}, round ${round}, ${JSON.stringify({ choice, seats, index })}`,
        )
      }
    }
  }
})

function randomSeats(generator: Generator): Seat[] {
  const count = 1 + generator.below(generator.below(10) === 0 ? 256 : 12)
  const weights = [() => 1, () => generator.below(2), () => generator.below(1000) / 100]
  const weight = weights[generator.below(weights.length)] ?? weights[0]
  const seats = Array.from({ length: count }, (_, index) => ({
    index,
    weight: weight?.() ?? 1,
    id: generator.bits(),
  }))
  const spared = generator.below(count)
  return generator
    .shuffled(seats)
    .map((seat) => (seat.index === spared ? { ...seat, weight: 1 } : seat))
}

function randomPayload(generator: Generator) {
  return { offset: generator.below(20), length: 1 + generator.below(8) }
}

function randomPacket(generator: Generator): Packet {
  const bytes = (count: number) => Array.from({ length: count }, () => generator.below(256))
  const groups = Array.from({ length: 8 }, () => generator.below(65_536).toString(16))
  const ipv4 = generator.below(2) === 0
  return packet({
    protocol: 'udp',
    source: ipv4 ? bytes(4).join('.') : groups.join(':'),
    port: generator.below(65_536),
    extra: ipv4 ? 4 * generator.below(11) : 8 * generator.below(3),
    payload: bytes(generator.below(30)),
  })
}
