import type { Command } from 'commander'
import { askApp } from '../control/ask-app.js'

export function promoteCommand(command: Command): Command {
  return command
    .description(
      "Replace the workers of an app one by one, as 'reuse reload' does, and have the canary leave. No connection is lost.",
    )
    .argument('[app]', 'its name; without it, the only one that runs')
    .option('--json', 'print JSON')
    .action(promote)
}

async function promote(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const text = (app: string): string => `app ${app} is reloaded, and its canary has left`
  await askApp({ command: 'promote', name, request: { verb: 'promote' }, json, text })
}
