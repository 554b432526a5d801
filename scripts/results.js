// What the test runs counted: one file a package and a version of Node.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './steps.js'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const folder = path.join(root, 'node_modules/.cache/test-results')

/** @param {string} version of Node */
export function clearResults(version) {
  rmSync(path.join(folder, version), { recursive: true, force: true })
}

/**
 * @param {string} version of Node
 * @param {string} name of the package
 * @param {Counts} counts
 */
export function writeResult(version, name, counts) {
  const file = path.join(folder, version, `${name.replace('/', '+')}.json`)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(counts))
}

/**
 * Adds up what was counted on one version of Node, or on all.
 * @param {string} [version]
 * @returns {Counts}
 */
export function sumResults(version) {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.json')) continue
    if (version !== undefined && path.dirname(file) !== version) continue
    /** @type {Counts} */
    const counts = JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
    sum.passed += counts.passed
    sum.failed += counts.failed
    sum.skipped += counts.skipped
  }
  return sum
}

/** @param {Counts} counts */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
