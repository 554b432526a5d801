import type { Rule } from '../rule.js'

/** Nothing here needs a secret: npm trusts the workflow itself, GitHub gives each job its token. */
export const secrets: Rule = ({ text }) =>
  /\bsecrets\s*(\.|\[|:\s*inherit)/.test(text) ? ['no workflow may use a secret'] : []
