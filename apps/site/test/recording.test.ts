/** The reload that the home page shows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { recordingFile } from '../src/places.js'
import { recordReload } from '../src/recording/record.js'
import { countRequests, type Recording } from '../src/recording/recording.js'

function assertWhole(recording: Recording): void {
  const parts = Math.ceil(recording.duration / recording.interval)
  for (const counts of [recording.old, recording.new, recording.failed])
    assert.equal(counts.length, parts)
  const { sent, failed } = countRequests(recording)
  assert.ok(sent > failed)
  assert.equal(failed > 0, recording.reasons.length > 0)
  const times = recording.lines.map(({ time }) => time)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  const texts = recording.lines.map(({ text }) => text)
  assert.equal(texts[0], '$ reuse reload shop')
  assert.ok(texts.includes('app shop is reloaded'))
}

test('the recording on the home page is consistent', () => {
  assertWhole(JSON.parse(readFileSync(recordingFile, 'utf8')))
})

const skip = process.platform !== 'linux' && '`reuse run` needs Linux'
test('a reload is recorded, and nothing fails', { skip }, async () => {
  const recording = await recordReload(500)
  assertWhole(recording)
  assert.deepEqual(recording.reasons, [])
  for (const counts of [recording.old, recording.new]) assert.ok(counts.some((count) => count > 0))
})
