import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spreadLabels } from '../../src/report/charts/spread-labels.js'

const room = { gap: 10, min: 0, max: 100 }

test('labels that have room stay where they should be', () => {
  assert.deepEqual(spreadLabels([50, 10, 90], room), [50, 10, 90])
})

test('labels that meet stand around their middle, in their order', () => {
  assert.deepEqual(spreadLabels([51, 50, 49], room), [60, 50, 40])
  assert.deepEqual(spreadLabels([20, 20, 80], room), [15, 25, 80])
})

test('a block that grows into another joins it', () => {
  assert.deepEqual(spreadLabels([30, 30, 30, 43], room), [18.25, 28.25, 38.25, 48.25])
})

test('labels stay inside', () => {
  assert.deepEqual(spreadLabels([99, 100], room), [90, 100])
  assert.deepEqual(spreadLabels([0, 1, 2], room), [0, 10, 20])
})
