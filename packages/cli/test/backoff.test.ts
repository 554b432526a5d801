/** When a worker that ended by itself is started again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCrash, delayAfter } from '../src/supervisor/backoff.js'

test('the restart delay doubles with each crash, up to 15 s', () => {
  const delays = Array.from({ length: 10 }, (_, index) => delayAfter(index + 1))
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
  assert.equal(delayAfter(10_000), 15_000)
})

test('the crash count starts over for a worker that has lived for 10 s', () => {
  assert.equal(countCrash(0, 0), 1)
  assert.equal(countCrash(4, 9999), 5)
  assert.equal(countCrash(4, 10_000), 1)
})
