import { runningApps } from '../control/apps.js'
import { ask } from '../control/client.js'
import { wrongUsage } from '../failure.js'
import { print, printJson } from '../output/print.js'
import type { TargetOptions } from './target.js'

/** Whether an app of this name runs; no app's name is a number. */
export function isAppName(text: string): boolean {
  return runningApps().includes(text)
}

/** Asks the manager of an app, and waits as long as it waits for its workers. */
export async function stopApp(
  app: string,
  { pid, port, json }: TargetOptions & { json?: boolean },
): Promise<void> {
  if (pid !== undefined || port !== undefined) {
    throw wrongUsage("More than one target: type 'reuse stop <app>' without --pid and --port.")
  }
  await ask(app, { verb: 'stop' })
  if (json) printJson({ app, stopped: true })
  else print(`app ${app} has stopped`)
}
