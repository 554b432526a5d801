// What the test runs counted: one file for each package and version of Node.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './steps.js'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ test: string, why: string }} Failure */
/** @typedef {{ version: string, name: string, counts: Counts, failures: Failure[], unsteady: Failure[] }} Result */

const folder = path.join(root, 'node_modules/.cache/test-results')

/** @param {string} version of Node */
export function clearResults(version) {
  rmSync(path.join(folder, version), { recursive: true, force: true })
}

/**
 * @param {string} version of Node
 * @param {string} name of the package
 * @param {Counts} counts
 * @param {Failure[]} failures
 * @param {Failure[]} [unsteady] of tests that passed when they were run once more
 */
export function writeResult(version, name, counts, failures, unsteady = []) {
  const file = path.join(folder, version, `${name.replace('/', '+')}.json`)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ counts, failures, unsteady }))
}

/**
 * Adds up what was counted on one version of Node, or on all.
 * @param {string} [version]
 * @returns {Counts}
 */
export function sumResults(version) {
  return addCounts(readResults(version))
}

/**
 * @param {readonly { counts: Counts }[]} results
 * @returns {Counts}
 */
export function addCounts(results) {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const { counts } of results) {
    sum.passed += counts.passed
    sum.failed += counts.failed
    sum.skipped += counts.skipped
  }
  return sum
}

/**
 * One paragraph for each test that failed, on all versions of Node; first those that failed only once.
 * @returns {string[]}
 */
export function describeFailures() {
  const results = readResults()
  return [
    ...results.flatMap((result) => describe('Failed once', result, result.unsteady)),
    ...results.flatMap((result) => describe('Failed', result, result.failures)),
  ]
}

/**
 * @param {string} what
 * @param {Result} result
 * @param {Failure[]} failures
 */
function describe(what, { version, name }, failures) {
  return failures.map(({ test, why }) => {
    const indented = why.replaceAll(/^(?=.)/gm, '  ')
    return `${what} on ${version}, ${name.replace('+', '/')}: ${test}\n${indented}`
  })
}

/**
 * @param {string} [version] default: all
 * @returns {Result[]}
 */
function readResults(version) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      version: path.dirname(file),
      name: path.basename(file, '.json'),
      ...JSON.parse(readFileSync(path.join(folder, file), 'utf8')),
    }))
    .filter((result) => version === undefined || result.version === version)
}

/** @param {Counts} counts */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
