import type { Command } from 'commander'
import { configOption, type SeveralOptions } from '../arguments.js'
import { askApps } from '../control/ask-app.js'

export function promoteCommand(command: Command): Command {
  return command
    .description(
      "Replace the workers of apps one by one, as 'reuse reload' does, and have the canary leave. No connection is lost.",
    )
    .argument('[app...]', 'their names; without one, the only app that is running')
    .addOption(configOption())
    .option('--json', 'print JSON; for several apps, a list')
    .action(promote)
}

async function promote(names: string[], { config, json }: SeveralOptions): Promise<void> {
  const text = (app: string): string => `app ${app} is reloaded, and its canary has left`
  await askApps(names, config, { command: 'promote', request: { verb: 'promote' }, json, text })
}
