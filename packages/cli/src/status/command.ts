import type { Command } from 'commander'
import { chooseApps } from '../control/apps.js'
import { ask } from '../control/client.js'
import type { AppStatus } from '../control/messages.js'
import { Failure, requireManager } from '../failure.js'
import { inThreads } from '../output/names.js'
import { print, printJson } from '../output/print.js'
import { formatTable } from '../output/table.js'
import { columnsOf, isAppStatus, rowOf } from './rows.js'

export function statusCommand(command: Command): Command {
  return command
    .description('Show the workers of apps: whether they serve, where, and how often they ended.')
    .argument('[app...]', 'their names; without one, all that are running')
    .option('--json', 'print JSON; for several apps, a list')
    .addHelpText('after', help)
    .action(status)
}

const help = `
Columns:
  STATE     starting, ready, leaving; waiting: it ended unexpectedly, and is restarted in a moment
  THREADS   for an app in threads: how many of them listen
  VERSION   each reload makes a new one
  RESTARTS  how often it was restarted after it had ended unexpectedly
  LISTENS   the addresses that it shares

Examples:
  reuse status             all apps
  reuse status shop        the app of this name
  reuse status shop --json for a script`

async function status(names: readonly string[], { json }: { json?: boolean }): Promise<void> {
  requireManager('status')
  const apps = chooseApps(names)
  const answers = await Promise.all(apps.map((app) => ask(app, { verb: 'status' })))
  if (json) {
    printJson(answers.length === 1 ? answers[0] : answers)
    return
  }
  const texts: string[] = []
  for (const [index, answer] of answers.entries()) {
    if (!isAppStatus(answer)) {
      throw new Failure(
        `the manager of app ${apps[index]} runs another version of @reuse/cli, and this version does not understand its answer. Add --json to see it.`,
      )
    }
    texts.push(await formatStatus(answer))
  }
  print(texts.join('\n\n'))
}

async function formatStatus(app: AppStatus): Promise<string> {
  const { name, program, threads, version, pid, workers } = app
  const what = threads === null ? program : inThreads(program, threads)
  const rows = workers.map((worker) => rowOf(worker, app))
  const table = await formatTable(columnsOf(app), rows)
  return `${name}: ${what}, version ${version}, manager pid ${pid}\n${table}`
}
