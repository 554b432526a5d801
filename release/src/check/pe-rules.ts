import type { PeFacts } from './facts.js'
import { type Problem, unexpected } from './problem.js'

export function peProblems({ delayedLibraries }: PeFacts): Problem[] {
  // node-gyp imports Node's functions from this name when they are first called, and adds code that
  // then finds the program whatever its name is.
  const foreign = delayedLibraries.filter((library) => library.toLowerCase() !== 'node.exe')
  return unexpected('delayed imports from node.exe only', foreign)
}
