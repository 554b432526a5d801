import type { Command } from 'commander'
import { askApp } from '../control/ask-app.js'

export function rollbackCommand(command: Command): Command {
  return command
    .description(
      'Have the canary of an app leave. Its other workers stay, and no connection is lost.',
    )
    .argument('[app]', 'its name; without it, the only one that runs')
    .option('--json', 'print JSON')
    .action(rollback)
}

async function rollback(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const text = (app: string): string => `the canary of app ${app} has left`
  const plain = (app: string): unknown => ({ app })
  await askApp({ command: 'rollback', name, request: { verb: 'rollback' }, json, text, plain })
}
