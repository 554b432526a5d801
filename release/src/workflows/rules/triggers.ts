import type { Rule } from '../rule.js'
import { isMapping } from '../workflow.js'

/** These run with the rights of this repository on what somebody else wrote. */
const refused = ['pull_request_target', 'workflow_run', 'issue_comment']

export const triggers: Rule = ({ value: { on } }) => {
  const names = isMapping(on) ? Object.keys(on) : [on].flat()
  return refused.filter((name) => names.includes(name)).map((name) => `"on: ${name}" is refused`)
}
