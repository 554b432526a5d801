import type { BinaryFacts } from './facts.js'
import { listNames, type Problem, unexpected } from './problem.js'
import { typeProblems } from './type-rules.js'

/** The functions of the C library that the preload library replaces. */
const replaced = ['bind', 'connect', 'listen']

/**
 * The same preload library is for programs with any C library, so it must not need one itself. Any
 * other name that it exported would replace the program's own.
 */
export function preloadProblems(facts: BinaryFacts): Problem[] {
  const problems = typeProblems(facts, 'library')
  const exports = [...facts.exports].sort()
  if (exports.join() !== replaced.join()) {
    problems.push({ expected: `the exports ${listNames(replaced)}`, found: listNames(exports) })
  }
  return [...problems, ...unexpected('no library', facts.libraries)]
}
