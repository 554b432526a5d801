// Runs test files with Node's own runner, and notes what it counted.
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'
import { addCounts, writeResult } from './results.js'

/** @typedef {import('./results.js').Counts} Counts */
/** @typedef {import('./results.js').Failure} Failure */
/** @typedef {{ file: string, counts: Counts, failures: Failure[] }} FileResult */

/** If more files than this fail, the reason is not the machine. */
const mostAgain = 3

/** Files that generate input: a second run may have other input, and then says nothing about the first. */
const isRandom = /(fuzz|model)\.test\.js$/

/**
 * Runs test files. If a few fail, each of these is run once more, alone: they watch processes and
 * sockets, and a machine that is busy for a second can make one late. A file that passes then is counted
 * as passed, and noted as unsteady, with what went wrong at first.
 *
 * @param {string} name of what is tested, under which the result is recorded
 * @param {string[]} files
 * @param {{ timeout: number, concurrency?: number }} options the time of each file, in milliseconds
 * @returns {Promise<number>} the exit code
 */
export async function runTestFiles(name, files, { timeout, concurrency = 1 }) {
  const results = await runAll(files, timeout, concurrency)
  const failed = results.filter(({ counts }) => counts.failed > 0)
  /** @type {Failure[]} */
  const unsteady = []
  if (failed.length <= mostAgain) {
    for (const first of failed.filter(({ file }) => !isRandom.test(file))) {
      console.log(`${name}: ${path.basename(first.file)} once more, alone`)
      const second = await runFile(first.file, timeout)
      if (second.counts.failed === 0) unsteady.push(...first.failures)
      results[results.indexOf(first)] = second
    }
  }

  const counts = addCounts(results)
  const failures = results.flatMap((result) => result.failures)
  if (counts.passed + counts.failed === 0) {
    console.error(`${name}: no test ran`)
    counts.failed = 1
    failures.push({ test: 'all', why: 'no test ran' })
  }
  writeResult(process.version, name, counts, failures, unsteady)
  return counts.failed > 0 ? 1 : 0
}

/**
 * @param {string[]} files
 * @param {number} timeout
 * @param {number} concurrency
 */
async function runAll(files, timeout, concurrency) {
  const left = [...files]
  /** @type {FileResult[]} */
  const results = []
  const lanes = Array.from({ length: concurrency }, async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      results.push(await runFile(file, timeout))
    }
  })
  await Promise.all(lanes)
  return results
}

/**
 * @param {string} file
 * @param {number} timeout
 * @returns {Promise<FileResult>}
 */
async function runFile(file, timeout) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  /** @type {Failure[]} */
  const failures = []
  const start = performance.now()
  const events = run({ files: [file], timeout })
  events.on('test:pass', (event) => count(event, 'passed'))
  events.on('test:fail', (event) => {
    count(event, 'failed')
    // A suite fails because of its tests, each of which is reported itself.
    const { error, type } = event.details
    if (type === 'suite') return
    const test = `${path.basename(event.file ?? '')}: ${event.name}`
    failures.push({ test, why: inspect(error.cause ?? error) })
  })
  // In one piece, because another file may run at the same time.
  const lines = await events.compose(new spec()).toArray()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${lines.join('')}${path.relative('dist/test', file)}: ${seconds} s\n`)
  return { file, counts, failures }

  /**
   * @param {{ skip?: string | boolean, details: { type?: string } }} event
   * @param {'passed' | 'failed'} outcome
   */
  function count({ skip, details }, outcome) {
    if (details.type === 'suite') return
    counts[skip === undefined || skip === false ? outcome : 'skipped']++
  }
}
