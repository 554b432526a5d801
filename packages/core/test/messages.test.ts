/** What members say to each other is what they hear. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMessage, type Message, parseMessage } from '../src/group/messages.js'

/** One of each type: the compiler says where one is missing. */
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
  test(`${type}: a round trip, and one word more or less`, () => {
    const text = formatMessage(message)
    assert.deepEqual(parseMessage(text), message)
    // As many words as there are sockets, or a sentence.
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

test('an index that no message tells is an unknown one', () => {
  const message = { ...messages.hello, index: 2001 }
  assert.deepEqual(parseMessage(formatMessage(message)), { ...message, index: -1 })
})

test('a number has one form', () => {
  for (const word of ['', '07', '7.0', '+7', '7e0', '0x7', '-0', 'NaN', 'Infinity', '1e400']) {
    assert.equal(parseMessage(`retired ${word}`), null, word)
    const hello = formatMessage(messages.hello).replace('0.01', word)
    assert.equal(parseMessage(hello), null, hello)
  }
})
