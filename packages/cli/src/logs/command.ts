import type { Command } from 'commander'
import { parseCount } from '../arguments.js'
import { chooseApps } from '../control/apps.js'
import { ask } from '../control/client.js'
import { requireManager } from '../failure.js'
import { standard } from '../output/print.js'
import { formatLogLine } from './format.js'

export function logsCommand(command: Command): Command {
  return command
    .description('Print what the workers of apps have printed last.')
    .argument('[app...]', 'their names; without one, all that are running')
    .option('-f, --follow', 'continue with what they print from now on')
    .option('-n, --lines <number>', 'how many lines, at most 1000', parseCount, 50)
    .addHelpText('after', help)
    .action(logs)
}

const help = `
What the workers print on standard output goes to standard output, and the rest to standard error.

Examples:
  reuse logs               the last 50 lines of each app
  reuse logs shop -f       and all that follow, until Ctrl-C`

async function logs(
  names: readonly string[],
  { lines, follow = false }: { lines: number; follow?: boolean },
): Promise<void> {
  requireManager('logs')
  const printLines = (app: string): Promise<unknown> =>
    ask(app, { verb: 'logs', lines, follow }, (line) => {
      standard(line.stream).write(`${formatLogLine(app, line)}\n`)
    })
  await Promise.all(chooseApps(names).map(printLines))
}
