// Runs the tests of the package in this folder with Node's own runner, and notes what it counted.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { writeResult } from './results.js'

const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
const files = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.resolve('dist/test', file))

const counts = { passed: 0, failed: 0, skipped: 0 }
const events = run({ files, timeout: 180_000 })
events.on('test:pass', (event) => count(event, 'passed'))
events.on('test:fail', (event) => count(event, 'failed'))
events.compose(new spec()).pipe(process.stdout)

events.once('end', () => {
  if (counts.passed + counts.failed === 0) {
    console.error(`${name}: no test ran`)
    counts.failed = 1
  }
  writeResult(process.version, name, counts)
  if (counts.failed > 0) process.exitCode = 1
})

/**
 * @param {{ skip?: string | boolean, details: { type?: string } }} event
 * @param {'passed' | 'failed'} outcome
 */
function count({ skip, details }, outcome) {
  if (details.type === 'suite') return
  counts[skip === undefined || skip === false ? outcome : 'skipped']++
}
