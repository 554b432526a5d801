import { once } from 'node:events'
import { runningApps } from '../control/apps.js'
import { ask } from '../control/client.js'
import { Failure, wrongUsage } from '../failure.js'
import { print, printJson } from '../output/print.js'
import type { TargetOptions } from './target.js'

/** Whether an app of this name runs; no app's name is a number. */
export function isAppName(text: string): boolean {
  return runningApps().includes(text)
}

/** Asks the manager of an app, and waits as long as it waits for its workers, or as long as is said. */
export async function stopApp(
  app: string,
  { pid, port, json, timeout }: TargetOptions & { json?: boolean; timeout?: number },
): Promise<void> {
  if (pid !== undefined || port !== undefined) {
    throw wrongUsage("More than one target: type 'reuse stop <app>' without --pid and --port.")
  }
  await (timeout === undefined ? ask(app, { verb: 'stop' }) : stopWithin(app, timeout))
  if (json) printJson({ app, stopped: true })
  else print(`app ${app} has stopped`)
}

async function stopWithin(app: string, seconds: number): Promise<void> {
  const signal = AbortSignal.timeout(seconds * 1000)
  const late = once(signal, 'abort').then(() => {
    throw new Failure(
      `app ${app} has not stopped within ${seconds} s: its workers may take as long as its --leave-timeout says. 'reuse status ${app}' shows them.`,
    )
  })
  await Promise.race([ask(app, { verb: 'stop' }, undefined, signal), late])
}
