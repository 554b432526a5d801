import type { Rule } from '../rule.js'

/** The meaning of `latest` changes on a day that we do not choose. */
export const runners: Rule = ({ text }) =>
  [...text.matchAll(/\b(?:ubuntu|windows|macos)-latest\b/g)].map(
    ([name]) => `"${name}" moves: name a version`,
  )
