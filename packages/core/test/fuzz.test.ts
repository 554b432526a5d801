/** Whatever is given as options is taken, or refused with a clear error, and changes nothing then. */
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { lacks } from '@reuse/testkit'
import { memberOf, ReuseError, type ReuseOptions, setReuse } from '../src/index.js'
import { generator } from './listening.js'

const names = [
  ...['exclusive', 'only', 'steering', 'weight', 'leaveTimeout', 'fastOpen', 'deferAccept'],
  ...['incomingCpu', 'exclusiv', 'steerin', '', '__proto__', 'constructor', 'toString', 'port'],
]

const values: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, Number.NaN, -0],
  ...[Number.POSITIVE_INFINITY, '', 'hash', 'random', 'cpu', 'same-program', '1', 'x'.repeat(9999)],
  ...[[], {}, [1], { weights: [1] }, { payload: { offset: 0, length: 4 } }, { payload: null }],
  ...[() => {}, Symbol('x'), 1n, new Date(), Object.create(null)],
]

test('options', (t) => {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`TEST_SEED=${seed}`)
  const random = generator(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

  let taken = 0
  for (let i = 0; i < 5000; i++) {
    const entries = Array.from({ length: 1 + Math.floor(random() * 3) }, () => [
      pick(names),
      pick(values),
    ])
    const options: ReuseOptions = Object.fromEntries(entries)
    const server = net.createServer()
    try {
      setReuse(server, options)
      taken++
    } catch (error) {
      assert.ok(
        error instanceof TypeError || error instanceof RangeError || error instanceof ReuseError,
        `${error}`,
      )
      assert.match(error.message, /^(setReuse|option|sharing)/)
      assert.equal(memberOf(server), undefined)
      assert.ok(!Object.hasOwn(server, 'close') && !Object.hasOwn(server, '_listen2'))
    }
  }
  // Most options are Linux'.
  assert.ok(taken > (lacks('steering') ? 20 : 100), `${taken} were taken`)
})
