import type { Command } from 'commander'
import { chooseApp } from '../control/apps.js'
import { ask } from '../control/client.js'
import { Failure, requireManager } from '../failure.js'
import { inThreads } from '../output/names.js'
import { print, printJson } from '../output/print.js'
import { formatTable } from '../output/table.js'
import { columnsOf, isAppStatus, rowOf } from './rows.js'

export function statusCommand(command: Command): Command {
  return command
    .description('Show the workers of an app: whether they serve, where, and how often they ended.')
    .argument('[app]', 'its name; without it, the only one that runs')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(status)
}

const help = `
Columns:
  STATE     starting, ready, leaving; waiting: it has ended by itself, and is started again in a moment
  THREADS   of an app in threads: how many of them listen
  VERSION   each reload makes a new one
  RESTARTS  how often it was started again after it had ended by itself
  LISTENS   the addresses that it shares

Examples:
  reuse status shop        the app of this name
  reuse status --json      the only one that runs, for a script`

async function status(name: string | undefined, options: { json?: boolean }): Promise<void> {
  requireManager('status')
  const app = chooseApp(name)
  const answer = await ask(app, { verb: 'status' })
  if (options.json) {
    printJson(answer)
    return
  }
  if (!isAppStatus(answer)) {
    throw new Failure(
      `the manager of app ${app} is of another version of @reuse/cli, and says what this one does not know. Add --json to see it.`,
    )
  }
  const { name: called, program, threads, version, pid } = answer
  const what = threads === null ? program : inThreads(program, threads)
  print(`${called}: ${what}, version ${version}, manager pid ${pid}`)
  const rows = answer.workers.map((worker) => rowOf(worker, answer))
  print(await formatTable(columnsOf(answer), rows))
}
