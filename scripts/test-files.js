// Runs test files with Node's own runner, and notes what it counted.
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { writeResult } from './results.js'

/**
 * @param {string} name of what is tested, under which the result is noted
 * @param {string[]} files
 * @param {number} timeout of each file, in milliseconds
 * @returns {Promise<number>} the exit code
 */
export function runTestFiles(name, files, timeout) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const events = run({ files, timeout })
  events.on('test:pass', (event) => count(event, 'passed'))
  events.on('test:fail', (event) => count(event, 'failed'))
  events.compose(new spec()).pipe(process.stdout)

  return new Promise((resolve) => {
    events.once('end', () => {
      if (counts.passed + counts.failed === 0) {
        console.error(`${name}: no test ran`)
        counts.failed = 1
      }
      writeResult(process.version, name, counts)
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
