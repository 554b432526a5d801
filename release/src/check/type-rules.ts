import type { BinaryFacts } from './facts.js'
import type { Problem } from './problem.js'

const expected = { library: 'a library that can be loaded', program: 'a program' }

export function typeProblems({ type }: BinaryFacts, wanted: keyof typeof expected): Problem[] {
  return type === wanted ? [] : [{ expected: expected[wanted], found: 'another kind of file' }]
}
