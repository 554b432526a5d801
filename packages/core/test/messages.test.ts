/** What members say to each other is what they hear. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMessage, type Message, parseMessage } from '../src/group/messages.js'

/** One of each type: the compiler reports a missing one. */
const messages: { [Type in Message['type']]: Message & { type: Type } } = {
  hello: {
    type: 'hello',
    id: '4711.12.abc',
    index: 2,
    weight: 0.01,
    policy: { policy: { payload: { offset: 1, length: 8 } }, sequence: 1_700_000_000_000 },
    only: true,
  },
  wanted: { type: 'wanted', id: '4711.12.abc' },
  held: { type: 'held', id: '4711.12.abc' },
  holds: { type: 'holds' },
  full: { type: 'full' },
  policy: { type: 'policy', policy: { policy: 'source-address', sequence: 7 } },
  offered: { type: 'offered', inode: 4711 },
  retiring: { type: 'retiring', inode: 4711 },
  retired: { type: 'retired', inode: 4711 },
  kept: { type: 'kept', inode: 4711 },
  arranged: { type: 'arranged', steered: true, digest: 2 ** 32 - 1, order: [4711, 0, 4712] },
  balance: {
    type: 'balance',
    factors: new Map([
      ['4711.12.abc', 0.125],
      ['4712.13.abc', 1.5],
    ]),
  },
  take: { type: 'take' },
  none: { type: 'none' },
  orphan: { type: 'orphan', inode: 4711 },
  about: { type: 'about' },
  measure: { type: 'measure' },
  measured: { type: 'measured', accepted: 4711, delay: { mean: 0.25, max: 12.5 } },
  steer: { type: 'steer', policy: { payload: { offset: 4, length: 8 } } },
  done: { type: 'done' },
  failed: { type: 'failed', why: 'the kernel refuses the filter' },
}

for (const [type, message] of Object.entries(messages)) {
  test(`${type}: survives a round trip, but not with a word more or less`, () => {
    const text = formatMessage(message)
    assert.deepEqual(parseMessage(text), message)
    // These have as many words as there are sockets, or a sentence.
    if (type === 'arranged' || type === 'failed') return
    assert.equal(parseMessage(`${text} 1`), null)
    if (text.includes(' ')) assert.equal(parseMessage(text.slice(0, text.lastIndexOf(' '))), null)
  })
}

for (const weight of [0, 1e-7, 1 / 30_000, 0.1 + 0.2, 1000]) {
  test(`a weight of ${weight} arrives as it is`, () => {
    const message = { ...messages.hello, weight }
    assert.deepEqual(parseMessage(formatMessage(message)), message)
  })
}

test('an index too large for a message arrives as unknown', () => {
  const message = { ...messages.hello, index: 2001 }
  assert.deepEqual(parseMessage(formatMessage(message)), { ...message, index: -1 })
})

test('a message with a number in an unusual form is refused', () => {
  for (const word of ['', '07', '7.0', '+7', '7e0', '0x7', '-0', 'NaN', 'Infinity', '1e400']) {
    assert.equal(parseMessage(`retired ${word}`), null, word)
    const hello = formatMessage(messages.hello).replace('0.01', word)
    assert.equal(parseMessage(hello), null, hello)
  }
})

test('values at their limits are accepted, and beyond them refused', () => {
  const hello = formatMessage(messages.hello).split(' ')
  const helloWith = (position: number, word: string): string => hello.with(position, word).join(' ')
  const zeros = (count: number): string => ' 0'.repeat(count)
  const factors = (count: number): string =>
    Array.from({ length: count }, (_, index) => ` ${index}.1.a 2`).join('')
  const inHours = (hours: number): string => String(Date.now() + hours * 3_600_000)
  /** A text that is just a message, and texts that are no messages. */
  const bounds: [string, ...string[]][] = [
    [
      helloWith(1, '4294967295.4194304.0az'),
      ...['1.2', '1.2.', '1..a', '1.2.A', 'a.2.a', '-1.2.a', '1.2.a.3', '12345678901.2.a'].map(
        (id) => helloWith(1, id),
      ),
    ],
    [helloWith(2, '2000'), helloWith(2, '2001'), helloWith(2, '-2'), helloWith(2, '1.5')],
    [helloWith(3, '1000'), helloWith(3, '1000.5'), helloWith(3, '-1')],
    [helloWith(5, inHours(23)), helloWith(5, inHours(25)), helloWith(5, '-1')],
    [helloWith(6, 'any'), helloWith(6, 'all')],
    [`policy h ${inHours(23)}`, `policy h ${inHours(25)}`],
    ['orphan 4294967295', 'orphan 4294967296', 'orphan 0', 'orphan 1.5'],
    [`arranged plain 4294967295${zeros(2000)}`, `arranged plain 1${zeros(2001)}`],
    ['arranged steered 1 7', 'arranged steered 4294967296 7', 'arranged filtered 1 7'],
    ['balance 1.1.a 1000', 'balance 1.1.a 1001', 'balance 1.1.a 0', 'balance 1.1.a 0.0001'],
    [`balance${factors(400)}`, `balance${factors(401)}`, 'balance 1.1.a 2 1.1.a 2'],
    ['measured 1 0 2147483648', 'measured 1 0 2147483649', 'measured -1 0 0', 'measured 1 0 -'],
    [`failed ${'x'.repeat(500)}`, `failed ${'x'.repeat(501)}`, 'failed \n'],
  ]
  for (const [last, ...beyond] of bounds) {
    assert.notEqual(parseMessage(last), null, last)
    for (const text of beyond) assert.equal(parseMessage(text), null, text)
  }
})
