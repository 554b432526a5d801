import type { BinaryFacts } from './facts.js'
import { listNames, type Problem, unexpected } from './problem.js'
import { typeProblems } from './type-rules.js'

/** The functions of the C library in whose place it is called. */
const replaced = ['bind', 'connect', 'listen']

/**
 * One is for the programs of every C library, so it may bring none. Any other name that it exported
 * would take the place of the program's own.
 */
export function preloadProblems(facts: BinaryFacts): Problem[] {
  const problems = typeProblems(facts, 'library')
  const exports = [...facts.exports].sort()
  if (exports.join() !== replaced.join()) {
    problems.push({ expected: `the exports ${listNames(replaced)}`, found: listNames(exports) })
  }
  return [...problems, ...unexpected('no library', facts.libraries)]
}
