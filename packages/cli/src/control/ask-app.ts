import { requireManager } from '../failure.js'
import { print, printJson } from '../output/print.js'
import { chooseApp } from './apps.js'
import { ask } from './client.js'
import type { Request } from './messages.js'

/** What a command asks the manager of an app, and how it prints the answer. */
export interface AppQuestion {
  /** The command, as it is typed. */
  command: string
  /** The app; `undefined` is the only one that runs. */
  name: string | undefined
  request: Request
  json: boolean | undefined
  /** What is printed. */
  text: (app: string) => string | Promise<string>
  /** What is printed as JSON, where that is not the answer. */
  plain?: (app: string) => unknown
}

/** Asks, and prints the answer. */
export async function askApp(question: AppQuestion): Promise<void> {
  requireManager(question.command)
  const app = chooseApp(question.name)
  const answer = await ask(app, question.request)
  if (!question.json) print(await question.text(app))
  else printJson(question.plain === undefined ? answer : question.plain(app))
}
