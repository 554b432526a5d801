/** Who gets how much, and who moves when a group changes: by counting, always with one seed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Choice, Filter, Seat } from '../../src/steering/filter.js'
import { Generator } from './generator.js'
import { run } from './interpreter.js'
import { type Packet, type PacketOptions, packet } from './packets.js'
import { alike, assertShares, checkedFilter, countBy, seatsOf } from './seats.js'

const seed = 3_000
const sizes = [2, 3, 5, 16, 64, 256]
const anyPacket = packet({ source: '10.0.0.1' })

const hex = (value: number) => value.toString(16)

/** Clients as they come: the n-th address of each kind. */
const kinds: [string, (n: number, generator: Generator) => string][] = [
  ['consecutive IPv4', (n) => `10.0.${n >> 8}.${n & 255}`],
  ['the .1 of each IPv4 network', (n) => `10.${n >> 8}.${n & 255}.1`],
  ['random IPv4', (_, generator) => generator.bytes(4).join('.')],
  ['consecutive in one /64', (n) => `2001:db8:1:2::${hex(n)}`],
  ['the ::1 of each /64', (n) => `2001:db8:1:${hex(n)}::1`],
  [
    'SLAAC in one /64, by hardware address',
    (_, generator) =>
      `2001:db8:1:2:21b:21ff:${hex(0xfe00 + generator.below(256))}:${hex(generator.below(65_536))}`,
  ],
  [
    'SLAAC in one /64, private',
    (_, generator) =>
      `2001:db8:1:2:${[1, 2, 3, 4].map(() => hex(generator.below(65_536))).join(':')}`,
  ],
]

/** Addresses of one kind, each only once, so that each is an independent trial. */
function addresses(kind: (typeof kinds)[number][1], count: number): string[] {
  const generator = new Generator(seed)
  const found = new Set<string>()
  for (let n = 0; found.size < count; n++) found.add(kind(n, generator))
  return [...found]
}

/** Enough for the expected counts of chi-square, and few enough to take only a moment. */
const trials = (seats: number) => Math.max(10_000, 80 * seats)

for (const [name, kind] of kinds) {
  test(`source-address: ${name}: every seat gets its share`, () => {
    for (const size of sizes) {
      const seats = alike(size)
      const filter = checkedFilter('source-address', seats)
      const counts = countBy(addresses(kind, trials(size)), (source) =>
        run(filter, packet({ source })),
      )
      assertShares(counts, seats, `${size} seats, seed ${seed}`)
    }
  })
}

test('source-address: a million random addresses give every seat an equal share', () => {
  const generator = new Generator(seed)
  const seats = alike(16)
  const filter = checkedFilter('source-address', seats)
  const client = packet({ source: '0.0.0.0' })
  const counts = countBy(count(1_000_000), () => {
    client.bytes.set(generator.bytes(4), 12)
    return run(filter, client)
  })
  assertShares(counts, seats, `seed ${seed}`)
})

const payloads: [string, Choice, (n: number, generator: Generator) => number[]][] = [
  [
    'a random id',
    { payload: { offset: 1, length: 8 } },
    (_, generator) => [0x40, ...generator.bytes(8)],
  ],
  ['a counter', { payload: { offset: 0, length: 4 } }, (n) => [0, 0, n >> 8, n & 255]],
  ['two bytes', { payload: { offset: 0, length: 2 } }, (n) => [n >> 8, n & 255]],
]

for (const [name, choice, payload] of payloads) {
  test(`payload: ${name}: every seat gets its share`, () => {
    const generator = new Generator(seed)
    for (const size of sizes) {
      const seats = alike(size)
      const filter = checkedFilter(choice, seats)
      const counts = countBy(count(trials(size)), (n) =>
        run(
          filter,
          packet({ protocol: 'udp', source: '10.0.0.1', payload: payload(n, generator) }),
        ),
      )
      assertShares(counts, seats, `${size} seats, seed ${seed}`)
    }
  })
}

const flows: [string, (n: number) => Omit<PacketOptions, 'protocol'>][] = [
  ['the ports of one address', (n) => ({ source: '10.0.0.1', port: 1024 + n })],
  ['the ports of one IPv6 address', (n) => ({ source: '2001:db8::1', port: 1024 + n })],
  ['one port of many addresses', (n) => ({ source: `10.0.${n >> 8}.${n & 255}`, port: 5353 })],
]

for (const [name, flow] of flows) {
  test(`flow: ${name}: seats get shares in proportion to their weights`, () => {
    const groups = [...sizes.map(alike), seatsOf(70, 20, 10), seatsOf(1, 0, 0.5, 0.5), weighted(64)]
    for (const seats of groups) {
      const filter = checkedFilter('flow', seats)
      const counts = countBy(count(trials(seats.length)), (n) =>
        run(filter, packet({ protocol: 'udp', ...flow(n) })),
      )
      assertShares(counts, seats, `${seats.length} seats`)
    }
  })
}

test('random: seats get shares in proportion to their weights', () => {
  const generator = new Generator(seed)
  const groups = [...sizes.map(alike), seatsOf(70, 20, 10), seatsOf(1, 0, 1), weighted(256)]
  for (const seats of groups) {
    const filter = checkedFilter('random', seats)
    const counts = countBy(count(50_000), () =>
      run(filter, anyPacket, { random: generator.bits() }),
    )
    assertShares(counts, seats, `${seats.length} seats, seed ${seed}`)
  }
})

test('random: no share is off by more than one in a hundred thousand', () => {
  const points = 2 ** 18
  for (const seats of [
    seatsOf(1, 0.01),
    seatsOf(1, 1, 1, 0.03),
    seatsOf(1, 2, 3, 4),
    weighted(64),
  ]) {
    const filter = checkedFilter('random', seats)
    // Evenly over all values of the 32 bits, instead of at random.
    const counts = countBy(count(points), (n) =>
      run(filter, anyPacket, { random: (n + 0.5) * (2 ** 32 / points) }),
    )
    const sum = seats.reduce((total, { weight }) => total + weight, 0)
    for (const { index, weight } of seats) {
      const share = (counts.get(index) ?? 0) / points
      assert.ok(Math.abs(share - weight / sum) < 1e-5, `${weight} of ${sum}: ${share}`)
    }
  }
})

test('cpu: the processors go to the seats with a weight in turn', () => {
  for (const seats of [alike(3), seatsOf(1, 0, 2, 5), seatsOf(0, 1, 0, 1, 1)]) {
    const filter = checkedFilter('cpu', seats)
    const taken = seats.filter(({ weight }) => weight > 0).map(({ index }) => index)
    const chosen = [...count(12)].map((cpu) => run(filter, anyPacket, { cpu }))
    assert.deepEqual(
      chosen,
      chosen.map((_, cpu) => taken[cpu % taken.length]),
    )
  }
})

const sticky: [string, Choice, (n: number) => Packet][] = [
  ['source-address', 'source-address', (n) => packet({ source: `10.0.${n >> 8}.${n & 255}` })],
  ['source-address', 'source-address', (n) => packet({ source: `2001:db8::${hex(n)}` })],
  [
    'payload',
    { payload: { offset: 0, length: 2 } },
    (n) => packet({ protocol: 'udp', source: '10.0.0.1', payload: [n >> 8, n & 255] }),
  ],
]

for (const [name, choice, client] of sticky) {
  const family = client(0).bytes[0] === 0x60 ? 'IPv6' : 'IPv4'
  test(`${name}, ${family}: a member that leaves moves only its own clients`, () => {
    for (const size of sizes) {
      const before = alike(size)
      const leaver = before[size >> 1]
      assert.ok(leaver)
      // While it leaves; and afterwards, when the last member has taken its place in the group.
      const leaving = before.map((seat) => (seat === leaver ? { ...seat, weight: 0 } : seat))
      const gone = before
        .filter((seat) => seat !== leaver)
        .map((seat) => (seat.index === size - 1 ? { ...seat, index: leaver.index } : seat))

      const clients = [...count(trials(size))].map(client)
      const stood = placesOf(choice, before, clients)
      for (const after of [leaving, gone]) {
        const stands = placesOf(choice, after, clients)
        const moved = [...count(clients.length)].filter((n) => stood[n] !== stands[n])
        assert.ok(moved.every((n) => stood[n] === leaver.id))
        const expected = clients.length / size
        const deviation = Math.sqrt(expected * (1 - 1 / size))
        assert.ok(Math.abs(moved.length - expected) < 4 * deviation, `${size}: ${moved.length}`)
        // The others get the moved clients in equal parts.
        const heirs = gone.map((seat, index) => ({ ...seat, index }))
        const gained = countBy(moved, (n) => heirs.findIndex(({ id }) => id === stands[n]))
        if (moved.length > 5 * heirs.length && heirs.length > 1) {
          assertShares(gained, heirs, `${size} seats`)
        }
      }
    }
  })
}

/** The id of the seat that each client gets. */
function placesOf(choice: Choice, seats: readonly Seat[], clients: readonly Packet[]): number[] {
  const filter: Filter = checkedFilter(choice, seats)
  const ids = new Map(seats.map(({ index, id }) => [index, id]))
  return clients.map((client) => ids.get(run(filter, client)) ?? -1)
}

/** Seats with weights from 0 to 10. */
function weighted(size: number): Seat[] {
  const generator = new Generator(size)
  return alike(size).map((seat) => ({ ...seat, weight: generator.below(1001) / 100 }))
}

function count(end: number): IterableIterator<number> {
  return Array(end).keys()
}
