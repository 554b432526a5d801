import { type Command, Option } from 'commander'
import { parsePercent } from '../arguments.js'
import { askApp } from '../control/ask-app.js'

export function reloadCommand(command: Command): Command {
  return command
    .description(
      'Replace the workers of an app one by one, each when the new one is ready. No connection is lost.',
    )
    .argument('[app]', 'its name; without it, the only one that runs')
    .addOption(
      new Option(
        '--canary <percent>',
        'start one worker more instead, for so much of the new connections',
      ).argParser(parsePercent),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(reload)
}

const help = `
If a new worker does not become ready, the reload stops, the workers that are left stay, and the exit code
is 1: the message has the new worker's exit code or signal, and the last lines that it printed.

With --canary, one worker of the new version runs beside the others. 'reuse promote' replaces the others too,
and 'reuse rollback' ends it.

Examples:
  reuse reload shop                the app of this name
  reuse reload                     the only one that runs
  reuse reload --canary 5% shop    one more worker of the new version`

interface ReloadOptions {
  /** From 0 to 1. */
  canary?: number
  json?: boolean
}

async function reload(name: string | undefined, { canary, json }: ReloadOptions): Promise<void> {
  const question = { command: 'reload', name, json }
  if (canary === undefined) {
    const text = (app: string): string => `app ${app} is reloaded`
    await askApp({ ...question, request: { verb: 'reload' }, text })
  } else {
    const text = (app: string): string =>
      `app ${app} has a canary: 'reuse promote ${app}' or 'reuse rollback ${app}' ends that`
    await askApp({ ...question, request: { verb: 'canary', share: canary }, text })
  }
}
