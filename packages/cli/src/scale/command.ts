import { Argument, type Command } from 'commander'
import { parseInstances } from '../arguments.js'
import { askApp } from '../control/ask-app.js'
import { ask } from '../control/client.js'
import { plural } from '../output/names.js'
import { isAppStatus } from '../status/rows.js'
import { checkInstances } from '../supervisor/options.js'

export function scaleCommand(command: Command): Command {
  return command
    .description('Change how many workers an app has. Surplus workers leave.')
    .addArgument(new Argument('<n>', "how many, or 'auto'").argParser(parseInstances))
    .argument('[app]', 'its name; without it, the only app that is running')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(scale)
}

const help = `
If a new worker does not become ready, there are as many as before, and the exit code is 1.
For an app that runs in threads, it is the number of threads: its process is replaced by one with that many.

Examples:
  reuse scale 8
  reuse scale auto shop`

async function scale(
  wanted: number | 'auto',
  name: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const instances = checkInstances(wanted)
  const text = async (app: string): Promise<string> =>
    `app ${app} has ${instances} ${await nameOf(instances, app)}`
  const plain = (app: string): unknown => ({ app, instances })
  const request = { verb: 'scale', instances } as const
  await askApp(name, { command: 'scale', request, json, text, plain })
}

/** What `instances` counts for an app: threads or workers. */
async function nameOf(instances: number, app: string): Promise<string> {
  const status = await ask(app, { verb: 'status' })
  return isAppStatus(status) && status.threads !== null
    ? plural(instances, 'thread', 'threads')
    : plural(instances, 'worker', 'workers')
}
