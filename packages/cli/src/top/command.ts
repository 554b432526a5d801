import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { chooseApp, noApp, runningApps } from '../control/apps.js'
import { Failure, requireManager } from '../failure.js'
import { print, printJson } from '../output/print.js'
import { Looks } from './look.js'
import type { AppRates } from './rates.js'
import { formatApps } from './rows.js'

export function topCommand(command: Command): Command {
  return command
    .description('Show what the workers of apps do: connections, queues, CPU, event loops.')
    .argument('[app...]', 'their names; without one, all that are running')
    .option('--once', 'print one table and exit, as if standard output were not a terminal')
    .option('--json', 'print one JSON document and exit')
    .addHelpText('after', help)
    .action(top)
}

const help = `
It is drawn again every second. q, Esc or Ctrl-C ends it.

Columns:
  CONNS     connections accepted since the worker started
  NEW/S     the same per second, since the last second
  SHARE     its share of new connections, by weight
  QUEUE     connections that wait at it, and how many may
  CPU       in percent of one processor
  MEM       resident memory, in MiB or GiB
  DELAY     how late its event loop was in the last second, mean and maximum in ms; silent: it did not answer
  RESTARTS  how often it was restarted after it had ended unexpectedly
  AGE       how long it has been running; for one that does not serve, its state

- stands for what is not known: a program under 'reuse exec' does not report it.

Examples:
  reuse top                all running apps
  reuse top shop blog      these
  reuse top --json shop    what one of them did in a second, for a script`

/** How long an app that is shown once is observed, in milliseconds. */
const onceTime = 1000

async function top(
  names: readonly string[],
  { once = false, json = false }: { once?: boolean; json?: boolean },
): Promise<void> {
  requireManager('top')
  for (const name of names) chooseApp(name)
  // Without names, those that are started later are shown too.
  const apps = (): readonly string[] => (names.length > 0 ? [...new Set(names)] : runningApps())
  const looks = new Looks()
  if (json || once) {
    await showOnce(looks, apps(), json)
    return
  }
  const { canDraw, showLive } = await import('./screen.js')
  if (!canDraw()) {
    await showOnce(looks, apps(), false)
    return
  }
  await showLive(async (room, signal) => {
    const found = await looks.look(apps(), signal)
    if (found.length === 0) return noApp
    return formatApps(found, room)
  })
}

async function showOnce(looks: Looks, apps: readonly string[], json: boolean): Promise<void> {
  if (apps.length === 0) throw new Failure(noApp)
  await looks.look(apps)
  await setTimeout(onceTime)
  const found = await looks.look(apps)
  const rates = found.map((one): AppRates => {
    if (one instanceof Failure) throw one
    return one
  })
  if (json) printJson(rates)
  else print(await formatApps(rates, { columns: Infinity, rows: Infinity }))
}
