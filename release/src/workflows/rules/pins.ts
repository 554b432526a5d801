import type { Rule } from '../rule.js'

/** The hash of a whole commit, and for people the version that it is. */
const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

/** A tag can be moved to other code; a commit cannot. Workflows of this project need no pin. */
export const pins: Rule = ({ text }) =>
  [...text.matchAll(/^[\s-]*["']?uses["']?:\s*(.*?)\s*$/gm)]
    .map(([, reference = '']) => reference)
    .filter((reference) => !reference.startsWith('./.github/workflows/'))
    .filter((reference) => !pinned.test(reference))
    .map(
      (reference) => `"uses: ${reference}" must name a commit and its version: @<40 hex> # v1.2.3`,
    )
