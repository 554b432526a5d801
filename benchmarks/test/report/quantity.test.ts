import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeMetric,
  formatInterval,
  formatNumber,
  formatQuantity,
} from '../../src/report/quantity.js'
import { measure } from './fixture.js'

test('numbers have three significant digits, but keep all before the point', () => {
  const texts = [0, 0.01234, 1.5, 12.34, 99.96, 123.4, 23_110.4].map(formatNumber)
  assert.deepEqual(texts, ['0', '0.0123', '1.5', '12.3', '100', '123', '23,110'])
  assert.equal(formatNumber(Number.POSITIVE_INFINITY), '∞')
})

test('a quantity is shown with its unit, if it has one', () => {
  assert.equal(formatQuantity(2.5, 'ms'), '2.5 ms')
  assert.equal(formatQuantity(3, ''), '3')
  assert.equal(describeMetric(measure('a', [1])), 'requests per second, /s; more is better')
  assert.equal(
    describeMetric(measure('a', [1], { unit: '', better: 'neither' })),
    'requests per second',
  )
})

test('a ratio has as many digits as are needed to tell it from 1', () => {
  const text = (value: number, low: number, high: number) => formatInterval({ value, low, high })
  assert.equal(text(1.94, 1.9, 1.96), '1.94 (1.90 to 1.96)')
  assert.equal(text(0.981, 0.944, 1.01), '0.981 (0.944 to 1.010)')
  assert.equal(text(0.997, 0.994, 0.9996), '0.9970 (0.9940 to 0.9996)')
  assert.equal(text(1.0003, 1.00012, 1.0005), '1.00030 (1.00012 to 1.00050)')
  assert.equal(text(0.53, 0.05, 0.9984), '0.53 (0.05 to 0.998)')
  assert.equal(text(0.51, 0.05, 1.0002), '0.51 (0.05 to 1.0002)')
  assert.equal(text(0, 0, 0), '0')
  assert.equal(text(1, 1, 1), '1')
  assert.equal(text(250, 200.4, 300), '250 (200 to 300)')
})
