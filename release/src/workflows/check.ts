import { askLanguageService } from './language-service.js'
import { rules } from './rules/index.js'
import type { Workflow } from './workflow.js'

/** Everything that is wrong with a workflow; empty if it is correct. */
export async function checkWorkflow(workflow: Workflow): Promise<string[]> {
  const found = [
    ...(await askLanguageService(workflow)),
    ...rules.flatMap((rule) => rule(workflow)),
  ]
  return found.map((sentence) => `${workflow.file}: ${sentence}`)
}
