import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sectionOf } from '../../src/publish/changelog.js'

const changelog = `# @reuse/core

## 1.10.0

### Minor Changes

- New.

## 1.1.0

- Old: see ## 1.0.0.
`

test('sectionOf returns the changelog section of one version only', () => {
  assert.equal(sectionOf(changelog, '1.10.0'), '### Minor Changes\n\n- New.')
  assert.equal(sectionOf(changelog, '1.1.0'), '- Old: see ## 1.0.0.')
})

test('sectionOf returns undefined for a version that is not in the changelog', () => {
  assert.equal(sectionOf(changelog, '1.0.0'), undefined)
  assert.equal(sectionOf(changelog, '1.1'), undefined)
  assert.equal(sectionOf('', '1.0.0'), undefined)
})
