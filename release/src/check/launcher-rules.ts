import type { BinaryFacts } from './facts.js'
import { type Problem, unexpected } from './problem.js'
import { typeProblems } from './type-rules.js'

/** The same launcher is for every Linux, so it must not need anything that one of them lacks. */
export function launcherProblems(facts: BinaryFacts): Problem[] {
  const problems = typeProblems(facts, 'program')
  const interpreter = facts.format === 'ELF' ? facts.interpreter : null
  if (interpreter !== null) {
    problems.push({
      expected: 'a program that starts by itself',
      found: `one that ${interpreter} starts`,
    })
  }
  return [...problems, ...unexpected('no library', facts.libraries)]
}
