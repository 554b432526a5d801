import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  readRendered,
  readReports,
  reportFiles,
  writeRendered,
} from '../../src/report/published.js'
import { renderReports } from '../../src/report/render/render.js'

const published = fileURLToPath(new URL('../../../reports', import.meta.url))

test('published pages and pictures match what the published reports render to', () => {
  const files = renderReports(readReports(reportFiles(published)))
  const committed = readRendered(published)
  const advice = 'run `npm run report` and commit what it writes'
  assert.deepEqual([...committed.keys()].sort(), [...files.keys()].sort(), advice)
  for (const [name, text] of files) assert.equal(committed.get(name), text, `${name}: ${advice}`)
})

test('rendering removes outdated files and keeps those it did not write', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rendered-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'a.json'), '{}')
  writeRendered(
    folder,
    new Map([
      ['a/README.md', 'one'],
      ['a/old.svg', 'two'],
    ]),
  )
  writeRendered(folder, new Map([['a/README.md', 'three']]))
  assert.deepEqual([...readRendered(folder)], [['a/README.md', 'three']])
  assert.deepEqual(reportFiles(folder), [path.join(folder, 'a.json')])
})
