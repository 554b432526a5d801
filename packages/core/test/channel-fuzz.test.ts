/** What members say to each other is read as it was said, and nothing else is accepted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc, fuzz, isText, readCorpus, spoiled } from '@reuse/testkit/fuzz'
import type { LoopDelay } from '../src/group/loop-delay.js'
import {
  formatMessage,
  type MemberLoad,
  type Message,
  parseMessage,
  reasonOf,
} from '../src/group/messages.js'
import { type GroupPolicy, maxWeight, minWeight } from '../src/steering/policy.js'

/** Records as the parser makes them. */
const record = <T>(model: { [Name in keyof T]: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true })

const inode = fc.integer({ min: 1, max: 2 ** 32 - 1 })

const payload = fc
  .integer({ min: 1, max: 8 })
  .chain((length) =>
    record({ offset: fc.integer({ min: 0, max: 65_526 - length }), length: fc.constant(length) }),
  )

const policy = fc.oneof<fc.Arbitrary<GroupPolicy>[]>(
  fc.constantFrom('hash', 'random', 'source-address', 'cpu'),
  record({ payload }),
)

const dated = record({
  policy,
  sequence: fc.oneof(fc.constantFrom(0, 1), fc.nat({ max: Date.now() + 3_600_000 })),
})

/** A weight that `setReuse` takes. */
const weight = fc.oneof(
  fc.constantFrom(0, minWeight, 1, 0.1 + 0.2, 1 / 3, maxWeight),
  fc.double({ min: minWeight, max: maxWeight, noNaN: true }),
)

const id = fc
  .tuple(inode, fc.integer({ min: 1, max: 2 ** 22 }), fc.nat(2 ** 31 - 1))
  .map(([number, pid, time]) => `${number}.${pid}.${time.toString(36)}`)

const milliseconds = fc.oneof(
  fc.constantFrom(0, 0.000001, 2 ** 31),
  fc.double({ min: 0, max: 2 ** 31, noNaN: true }).filter((number) => !Object.is(number, -0)),
)

/** What an error may say: a message does not carry all of it unchanged. */
const why = fc.string({ unit: 'binary', maxLength: 600 }).map((text) => reasonOf(new Error(text)))

const messages: Record<Message['type'], fc.Arbitrary<Message>> = {
  hello: record({
    type: fc.constant('hello'),
    id,
    index: fc.integer({ min: -1, max: 99 }),
    weight,
    policy: dated,
    only: fc.boolean(),
  }),
  held: record({ type: fc.constant('held'), id }),
  wanted: record({ type: fc.constant('wanted'), id }),
  holds: fc.constant({ type: 'holds' }),
  full: fc.constant({ type: 'full' }),
  policy: record({ type: fc.constant('policy'), policy: dated }),
  offered: record({ type: fc.constant('offered'), inode }),
  retiring: record({ type: fc.constant('retiring'), inode }),
  retired: record({ type: fc.constant('retired'), inode }),
  kept: record({ type: fc.constant('kept'), inode }),
  arranged: record({
    type: fc.constant('arranged'),
    steered: fc.boolean(),
    digest: fc.nat(2 ** 32 - 1),
    order: fc.array(fc.oneof(fc.constant(0), inode), { maxLength: 40 }),
  }),
  balance: record({
    type: fc.constant('balance'),
    factors: fc
      .uniqueArray(
        fc.tuple(
          id,
          weight.filter((factor) => factor > 0),
        ),
        {
          selector: ([one]) => one,
          maxLength: 40,
        },
      )
      .map((factors) => new Map(factors)),
  }),
  take: fc.constant({ type: 'take' }),
  none: fc.constant({ type: 'none' }),
  orphan: record({ type: fc.constant('orphan'), inode }),
  about: fc.constant({ type: 'about' }),
  measure: fc.constant({ type: 'measure' }),
  measured: record<{ type: 'measured' } & MemberLoad>({
    type: fc.constant('measured'),
    accepted: fc.option(fc.oneof(fc.constantFrom(0, Number.MAX_SAFE_INTEGER), fc.maxSafeNat())),
    delay: fc.option(record<LoopDelay>({ mean: milliseconds, max: milliseconds })),
  }),
  steer: record({ type: fc.constant('steer'), policy }),
  done: fc.constant({ type: 'done' }),
  failed: record({ type: fc.constant('failed'), why }),
}

const corpus = readCorpus(import.meta.url, 'messages', isText)

const anyMessage = fc.oneof(...Object.values(messages))

test('every message survives a round trip through text', (t) =>
  fuzz(t, anyMessage, {
    corpus: [],
    runs: 9000,
    check: (message) => assert.deepEqual(parseMessage(formatMessage(message)), message),
  }))

/** A message that is read is in its range, and survives another round trip. */
function assertSound(text: string): boolean {
  const message = parseMessage(text)
  if (message === null) return false
  assert.deepEqual(parseMessage(formatMessage(message)), message, JSON.stringify(text))
  const { weight: _, accepted: __, ...others } = { weight: 0, accepted: 0, ...message }
  for (const value of Object.values(others).flat()) {
    if (typeof value === 'number') assert.ok(Number.isInteger(value) && value < 2 ** 32, text)
  }
  if ('policy' in message && message.type !== 'steer') {
    const { sequence } = message.policy
    assert.ok(Number.isInteger(sequence) && sequence <= Date.now() + 86_400_000, text)
  }
  if (message.type === 'measured') {
    const { accepted, delay } = message
    assert.ok(accepted === null || (Number.isSafeInteger(accepted) && accepted >= 0), text)
    for (const one of Object.values(delay ?? {})) assert.ok(one >= 0 && one <= 2 ** 31, text)
  }
  if (message.type === 'balance') {
    for (const factor of message.factors.values()) {
      assert.ok(factor >= minWeight && factor <= maxWeight, text)
    }
  }
  if ('weight' in message) assert.ok(message.weight >= 0 && message.weight <= maxWeight, text)
  return true
}

test('a corrupted message is refused, or parses as another valid message', async (t) => {
  let refused = 0
  await fuzz(
    t,
    fc.oneof(spoiled(anyMessage.map(formatMessage)), spoiled(fc.constantFrom(...corpus))),
    {
      corpus,
      runs: 10_000,
      check: (text) => {
        if (!assertSound(text)) refused++
      },
    },
  )
  assert.ok(refused > 2500, `${refused} were refused`)
})

test('random text does not parse as a message', (t) =>
  fuzz(t, fc.string({ unit: 'binary', maxLength: 200 }), {
    corpus: [],
    runs: 5000,
    check: (text) => assert.equal(parseMessage(text), null, JSON.stringify(text)),
  }))

test('messages with values that no member sends are refused', () => {
  const hello = (words: string): string => `hello 1.1.a ${words}`
  assert.notEqual(parseMessage(hello('-1 1 h 0 any')), null)
  for (const words of [
    ...['-2 1 h 0 any', '0.5 1 h 0 any', '65536 1 h 0 any', '-1 -1 h 0 any', '-1 1001 h 0 any'],
    ...['-1 NaN h 0 any', '-1 Infinity h 0 any', '-1 1e3 h 0 any', '-1 0x1 h 0 any'],
    ...[2 ** 53, 2 ** 53 + 2, 2 ** 64, 2 ** 50 + 1, 0.5].map((number) => `-1 1 h ${number} any`),
    ...[
      '-1 1 h -0 any',
      '-1 -0 h 0 any',
      '-1 1 h 9007199254740993 any',
      '-1 1 h -1 any',
      '-1 1 x 0 any',
      '-1 1 h 0 some',
    ],
    ...['-1 1 h 0', '-1 1 h 0 any any', '-1 1 p65527.1 0 any', '-1 1 p0.9 0 any', '', ' '],
  ]) {
    assert.equal(parseMessage(hello(words)), null, words)
  }
  for (const text of [
    'retired 0',
    'retired -1',
    'arranged plain -0',
    'retired 4294967296',
    'retired 1.5',
    'policy h 0.5',
    'arranged plain 0.5',
    'arranged plain 0 1.5',
    'retired 1 1',
    'arranged plain',
    'about 1',
    'steer',
    'steer x',
    'steer h 0',
    'steer p65527.1',
    'failed',
    'failed \n',
    'failed \x7f',
    `failed ${'x'.repeat(501)}`,
    'done now',
    'measure 1',
    'measured',
    'measured 1 1',
    'measured 1 1 1 1',
    'measured 1 - 1',
    'measured 1 1 -',
    'measured -1 1 1',
    'measured -0 1 1',
    'measured 0.5 1 1',
    'measured 9007199254740992 1 1',
    'measured NaN 1 1',
    'measured 1 -1 1',
    'measured 1 1 2147483649',
    'measured 1 1 Infinity',
    'measured null 1 1',
    'balance 1.1.a',
    'balance 1.1.a 0',
    'balance 1.1.a 1001',
    'balance 1.1.a -1',
    'balance 1.1.a NaN',
    'balance 1 1',
    'balance 1.1.a 1 1.1.a 1',
    `balance${Array.from({ length: 401 }, (_, i) => ` ${i + 1}.1.a 1`).join('')}`,
  ]) {
    assert.equal(parseMessage(text), null, text)
  }
})
