import type { Rule } from '../rule.js'
import { isMapping } from '../workflow.js'

/** Two releases at once would race for the same version; two checks of one branch are a waste. */
export const concurrency: Rule = ({ value }) => {
  const { on, concurrency: group } = value
  // A called workflow runs in its caller's group; one of its own could wait for itself.
  if (isMapping(on) && 'workflow_call' in on) return []
  return isMapping(group) && 'cancel-in-progress' in group
    ? []
    : ['the workflow must have a concurrency group, and say whether the older run is cancelled']
}
