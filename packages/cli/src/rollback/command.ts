import type { Command } from 'commander'
import { configOption, type SeveralOptions } from '../arguments.js'
import { askApps } from '../control/ask-app.js'

export function rollbackCommand(command: Command): Command {
  return command
    .description(
      'Have the canary of apps leave. Their other workers stay, and no connection is lost.',
    )
    .argument('[app...]', 'their names; without one, the only app that is running')
    .addOption(configOption())
    .option('--json', 'print JSON; for several apps, a list')
    .action(rollback)
}

async function rollback(names: string[], { config, json }: SeveralOptions): Promise<void> {
  const text = (app: string): string => `the canary of app ${app} has left`
  const plain = (app: string): unknown => ({ app })
  await askApps(names, config, {
    command: 'rollback',
    request: { verb: 'rollback' },
    json,
    text,
    plain,
  })
}
