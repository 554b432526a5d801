import { fileURLToPath } from 'node:url'

/** Where @reuse/cli is. */
export const cliFolder = new URL('.', import.meta.resolve('@reuse/cli/package.json'))

/** The command `reuse`, as it is published. */
const script = fileURLToPath(new URL('dist/bundle/main.js', cliFolder))

/** The command line that runs a verb of `reuse` with the given Node. */
export function reuseCommand(node: string, words: readonly string[]): string[] {
  return [node, script, ...words]
}
