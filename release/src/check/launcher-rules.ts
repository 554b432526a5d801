import type { BinaryFacts } from './facts.js'
import { type Problem, unexpected } from './problem.js'
import { typeProblems } from './type-rules.js'

/** One launcher is for every Linux, so it may need nothing that one of them does not have. */
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
