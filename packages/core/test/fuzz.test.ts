/** Whatever is given as options is accepted, or refused with a clear error and without any change. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import net from 'node:net'
import { test } from 'node:test'
import { fc, fuzz, readCorpus } from '@reuse/testkit/fuzz'
import { memberOf, ReuseError, type ReuseOptions, setReuse } from '../src/index.js'

const names = fc.oneof(
  fc.constantFrom('exclusive', 'only', 'steering', 'weight', 'rescue', 'leaveTimeout'),
  fc.constantFrom('fastOpen', 'deferAccept', 'incomingCpu', 'exclusiv', 'steerin', '', 'port'),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
)

const numbers = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, Number.NaN, -0, Number.POSITIVE_INFINITY),
  fc.double(),
  fc.integer(),
)

const values: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('hash', 'random', 'cpu', 'same-program', true, false) },
  { weight: 4, arbitrary: numbers },
  fc.record({ payload: fc.record({ offset: numbers, length: numbers }) }),
  fc.record({ weights: fc.array(numbers, { maxLength: 4 }) }),
  fc.constantFrom(() => {}, Symbol('x'), 1n, new Date(), Object.create(null)),
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withSet: true }),
)

/** Some valid options. */
const right = fc.record(
  {
    exclusive: fc.boolean(),
    only: fc.constant('same-program'),
    steering: fc.constantFrom('hash', 'random', 'cpu', 'source-address'),
    weight: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1000, noNaN: true })),
    rescue: fc.boolean(),
    leaveTimeout: fc.nat(),
    fastOpen: fc.nat(),
    deferAccept: fc.nat(),
    incomingCpu: fc.nat(),
  },
  { requiredKeys: [] },
)

/** With own properties only, whatever their names are. */
const anything = fc
  .array(fc.tuple(names, values), { minLength: 1, maxLength: 3 })
  .map((entries): object => Object.fromEntries(entries))

const options = fc.oneof(
  anything,
  right,
  fc.tuple(right, anything).map(([some, more]) => ({ ...some, ...more })),
)

const isObject = (input: unknown): input is object => typeof input === 'object' && input !== null

/** What is shared, and the call that shares it. */
const targets = {
  server: () => {
    const target = net.createServer()
    return { target, share: (options: ReuseOptions) => setReuse(target, options) }
  },
  'UDP socket': () => {
    const target = dgram.createSocket('udp4')
    return { target, share: (options: ReuseOptions) => setReuse(target, options) }
  },
}

for (const [what, make] of Object.entries(targets)) {
  test(`any options of a ${what} are accepted, or refused with a clear error`, async (t) => {
    let taken = 0
    await fuzz<ReuseOptions>(t, options, {
      corpus: readCorpus(import.meta.url, 'options', isObject),
      runs: 3000,
      check: (input) => {
        const { target, share } = make()
        try {
          share(input)
          taken++
        } catch (error) {
          assert.ok(
            error instanceof TypeError ||
              error instanceof RangeError ||
              error instanceof ReuseError,
            `${error}`,
          )
          assert.match(error.message, /^(setReuse|option|sharing|steering)/)
          assert.equal(memberOf(target), undefined)
          assert.ok(!Object.hasOwn(target, 'close') && !Object.hasOwn(target, '_listen2'))
        } finally {
          if (target instanceof dgram.Socket) target.close()
        }
      },
    })
    assert.ok(taken > 0, `${taken} were taken`)
  })
}
