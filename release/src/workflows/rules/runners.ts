import type { Rule } from '../rule.js'

/** What `latest` is changes on a day that we do not choose. */
export const runners: Rule = ({ text }) =>
  [...text.matchAll(/\b(?:ubuntu|windows|macos)-latest\b/g)].map(
    ([name]) => `"${name}" moves: name a version`,
  )
