import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cliFolder, reuseCommand } from '../reuse-command.js'
import { Skip } from '../skip.js'

/** The launcher with which `reuse exec` starts programs; built together with the command. */
const launcher = fileURLToPath(new URL('native/build/reuse-exec', cliFolder))

/** @throws Skip if there is no launcher for this system */
export function requireLauncher(): void {
  if (!existsSync(launcher)) throw new Skip('reuse exec has no launcher here: Linux x64 and arm64')
}

/** The command line that starts a program with `reuse exec`. */
export function execCommand(node: string, program: readonly string[]): string[] {
  return reuseCommand(node, ['exec', '--', ...program])
}
