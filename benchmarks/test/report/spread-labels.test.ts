import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spreadLabels } from '../../src/report/charts/spread-labels.js'

const room = { gap: 10, min: 0, max: 100 }

test('labels with enough room stay where they are', () => {
  assert.deepEqual(spreadLabels([50, 10, 90], room), [50, 10, 90])
})

test('overlapping labels spread around their centre, in order', () => {
  assert.deepEqual(spreadLabels([51, 50, 49], room), [60, 50, 40])
  assert.deepEqual(spreadLabels([20, 20, 80], room), [15, 25, 80])
})

test('a block of labels that grows into another label joins it', () => {
  assert.deepEqual(spreadLabels([30, 30, 30, 43], room), [18.25, 28.25, 38.25, 48.25])
})

test('labels stay within the given bounds', () => {
  assert.deepEqual(spreadLabels([99, 100], room), [90, 100])
  assert.deepEqual(spreadLabels([0, 1, 2], room), [0, 10, 20])
})
