import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeReport } from '../../src/report/index.js'
import { everyKind, report } from './fixture.js'

const main = fileURLToPath(new URL('../../src/report/main.js', import.meta.url))

/** Runs the command as if it had been typed in this folder, which npm reports. */
function run(folder: string, ...args: string[]) {
  const env = { ...process.env, INIT_CWD: folder }
  return spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8', timeout: 60_000 })
}

test('a report is rendered into a folder of the same name beside it', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeReport(path.join(folder, 'figures.json'), report(everyKind()))
  const { status, signal, stdout, stderr } = run(folder, 'figures.json')
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
  assert.match(stdout, /figures[/\\]README\.md/)
  const page = readFileSync(path.join(folder, 'figures/README.md'), 'utf8')
  assert.match(page, /## Where @reuse loses/)
  assert.ok(existsSync(path.join(folder, 'figures/throughput-requests-per-second.svg')))
})

test('a wrong file or option is refused, and nothing is rendered', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'figures.json'), '{ "schema": 1 }')
  for (const [file, message] of [
    ['figures.json', /figures\.json is not a report[\s\S]*required properties taken, command/],
    ['none.json', /no such file.*none\.json/],
    ['--fast', /Unknown option '--fast'/],
  ] as const) {
    const { status, stdout, stderr } = run(folder, file)
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
    assert.match(stderr, message)
  }
  assert.ok(!existsSync(path.join(folder, 'figures')))
})
