/** The page names, for each attack, the test that makes it: there is such a test. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { siteFolder, workspaceFolder } from '../src/places.js'

test('every test file that the threat model names exists', () => {
  const page = readFileSync(path.join(siteFolder, 'pages/threat-model.md'), 'utf8')
  const rows = page.split('\n').filter((line) => /\.test\.ts`/.test(line))
  assert.ok(rows.length > 20)
  const files = rows.flatMap((row) => [...row.matchAll(/`([\w/-]+\.test\.ts)`/g)])
  for (const [, file = ''] of files) {
    assert.ok(existsSync(path.join(workspaceFolder, 'packages', file)), `there is no ${file}`)
  }
})
