import type { Workflow } from './workflow.js'

/** Looks for one kind of mistake in a workflow, and returns a sentence for each that it finds. */
export type Rule = (workflow: Workflow) => string[]
