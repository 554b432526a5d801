import { Failure, messageOf, requireManager } from '../failure.js'
import { join } from '../output/names.js'
import { print, printJson } from '../output/print.js'
import { chooseApp, chooseNamed } from './apps.js'
import { ask } from './client.js'
import type { Request } from './messages.js'

/** What a command asks the manager of an app, and how it prints the answer. */
export interface AppQuestion {
  /** The command, as it is typed. */
  command: string
  request: Request
  json: boolean | undefined
  /** What is printed. */
  text: (app: string) => string | Promise<string>
  /** What is printed as JSON, if that is not the answer. */
  plain?: (app: string) => unknown
}

/** Asks about one app, and prints the answer. @param name the app's; `undefined`: the only one that runs */
export async function askApp(name: string | undefined, question: AppQuestion): Promise<void> {
  requireManager(question.command)
  const app = chooseApp(name)
  const answer = await ask(app, question.request)
  if (!question.json) print(await question.text(app))
  else printJson(question.plain === undefined ? answer : question.plain(app))
}

/**
 * Asks about apps, one after the other, and prints the answers. After one that fails, it asks no more.
 *
 * @param names if there are none, the apps of the file; without a file too, the only one that runs
 */
export async function askApps(
  names: readonly string[],
  file: string | undefined,
  question: AppQuestion,
): Promise<void> {
  requireManager(question.command)
  const [first, ...others] = await chooseNamed(names, file)
  if (others.length === 0) return askApp(first, question)
  const apps = [first, ...others]
  const answers: unknown[] = []
  try {
    for (const [index, app] of apps.entries()) {
      const answer = await askOneOf(apps, index, question)
      if (!question.json) print(await question.text(app))
      answers.push(question.plain === undefined ? { app, result: answer } : question.plain(app))
    }
  } finally {
    if (question.json) printJson(answers)
  }
}

async function askOneOf(
  apps: readonly string[],
  index: number,
  { request }: AppQuestion,
): Promise<unknown> {
  const app = apps[index] ?? ''
  try {
    return await ask(app, request)
  } catch (error) {
    const left = apps.slice(index + 1)
    const rest = left.length === 0 ? '' : `\nNothing was done to ${join(left)}.`
    throw new Failure(`app ${app}: ${messageOf(error)}${rest}`)
  }
}
