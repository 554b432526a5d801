import { type Command, Option } from 'commander'
import { configOption, parsePercent, type SeveralOptions } from '../arguments.js'
import { askApps } from '../control/ask-app.js'

export function reloadCommand(command: Command): Command {
  return command
    .description(
      'Replace the workers of apps one by one, each when the new one is ready. No connection is lost.',
    )
    .argument('[app...]', 'their names; without one, the only app that is running')
    .addOption(configOption())
    .addOption(
      new Option(
        '--canary <percent>',
        'start one more worker instead, with this share of the new connections',
      ).argParser(parsePercent),
    )
    .option('--json', 'print JSON; for several apps, a list')
    .addHelpText('after', help)
    .action(reload)
}

const help = `
If a new worker does not become ready, the reload stops, the other workers stay as they were, and the exit code
is 1: the message has the new worker's exit code or signal, and the last lines that it printed. Several apps
are reloaded one after the other, until one fails.

With --canary, one worker of the new version runs beside the others. 'reuse promote' replaces the others too,
and 'reuse rollback' ends it.

Examples:
  reuse reload shop                the app of this name
  reuse reload                     the only app that is running
  reuse reload shop api            one after the other
  reuse reload -c reuse.config.js  all apps of this file
  reuse reload --canary 5% shop    one more worker of the new version`

interface ReloadOptions extends SeveralOptions {
  /** From 0 to 1. */
  canary?: number
}

async function reload(names: string[], { canary, config, json }: ReloadOptions): Promise<void> {
  const question = { command: 'reload', json }
  if (canary === undefined) {
    const text = (app: string): string => `app ${app} is reloaded`
    await askApps(names, config, { ...question, request: { verb: 'reload' }, text })
  } else {
    const text = (app: string): string =>
      `app ${app} has a canary: 'reuse promote ${app}' or 'reuse rollback ${app}' ends that`
    await askApps(names, config, { ...question, request: { verb: 'canary', share: canary }, text })
  }
}
