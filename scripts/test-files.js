// Runs test files with Node's own runner, and notes what it counted.
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'
import { writeResult } from './results.js'

/**
 * @param {string} name of what is tested, under which the result is noted
 * @param {string[]} files
 * @param {{ timeout: number, concurrency?: number }} options the time of each file, in milliseconds
 * @returns {Promise<number>} the exit code
 */
export function runTestFiles(name, files, options) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  /** @type {import('./results.js').Failure[]} */
  const failures = []
  const events = run({ files, ...options })
  events.on('test:pass', (event) => count(event, 'passed'))
  events.on('test:fail', (event) => {
    count(event, 'failed')
    // A suite fails because of its tests, each of which is here itself.
    const { error, type } = event.details
    if (type === 'suite') return
    const test = `${path.basename(event.file ?? '')}: ${event.name}`
    failures.push({ test, why: inspect(error.cause ?? error) })
  })
  events.compose(new spec()).pipe(process.stdout)

  return new Promise((resolve) => {
    events.once('end', () => {
      if (counts.passed + counts.failed === 0) {
        console.error(`${name}: no test ran`)
        counts.failed = 1
        failures.push({ test: 'all', why: 'no test ran' })
      }
      writeResult(process.version, name, counts, failures)
      resolve(counts.failed > 0 ? 1 : 0)
    })
  })

  /**
   * @param {{ skip?: string | boolean, details: { type?: string } }} event
   * @param {'passed' | 'failed'} outcome
   */
  function count({ skip, details }, outcome) {
    if (details.type === 'suite') return
    counts[skip === undefined || skip === false ? outcome : 'skipped']++
  }
}
