import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { configError } from '../app/config-error.js'
import { isNodeScript } from './file-kind.js'
import type { Ignored } from './ignored.js'
import type { Given } from './names.js'
import { splitWords } from './words.js'

/** What an app of an ecosystem file runs. */
export interface Program {
  options:
    | { script: string; args: string[]; nodeArgs: string[] }
    | { command: string; args: string[] }
  env: Readonly<Record<string, string>>
  ignored: Omit<Ignored, 'app'>[]
}

/** What runs a file, by its extension. PM2 has the same list, except for Python 2 and Bun. */
const interpreters: Readonly<Record<string, string>> = {
  ...{ '.js': 'node', '.mjs': 'node', '.cjs': 'node' },
  ...{ '.ts': 'node', '.mts': 'node', '.cts': 'node', '.tsx': 'bun' },
  ...{ '.sh': 'bash', '.py': 'python3', '.rb': 'ruby', '.php': 'php', '.pl': 'perl' },
  ...{ '.coffee': 'coffee', '.ls': 'lsc' },
}

/** @throws Failure if `script`, `args` or another of these properties is wrong */
export function programOf(app: ReadonlyMap<string, Given>, cwd: string, where: string): Program {
  const script = textOf(app.get('script'), where)
  if (script === undefined) throw configError(where, '"script" is missing')
  const args = wordsOf(app.get('args'), where)
  const interpreterArgs = wordsOf(app.get('node_args'), where)
  if (script.includes(' ')) return shellLine(app, script)
  const file = path.resolve(cwd, script)
  const given = textOf(app.get('interpreter'), where)
  const interpreter = given ?? guessInterpreter(script, file)
  if (interpreter === 'none') {
    const command = existsSync(file) ? file : script
    const options = { command, args }
    return { options, env: {}, ignored: ignoredOf(app, ['node_args'], 'nothing interprets it') }
  }
  if (isNode(interpreter)) {
    const isOther = given !== undefined && given !== 'node' && given !== process.execPath
    const why = 'workers run on the Node that runs reuse'
    const ignored = isOther ? ignoredOf(app, ['interpreter'], why) : []
    return { options: { script: file, args, nodeArgs: interpreterArgs }, env: {}, ignored }
  }
  // Otherwise, what Python writes to a file would appear much later.
  const env = interpreter.includes('python') ? { PYTHONUNBUFFERED: '1' } : {}
  const options = { command: interpreter, args: [...interpreterArgs, file, ...args] }
  return { options, env, ignored: [] }
}

/** PM2 gives a script with a space to Bash. */
function shellLine(app: ReadonlyMap<string, Given>, script: string): Program {
  const why = 'a "script" with a space is a line for Bash'
  return {
    options: { command: 'bash', args: ['-c', script] },
    env: {},
    ignored: ignoredOf(app, ['args', 'node_args', 'interpreter'], why),
  }
}

function ignoredOf(
  app: ReadonlyMap<string, Given>,
  names: readonly string[],
  why: string,
): Omit<Ignored, 'app'>[] {
  return names.flatMap((name) => {
    const given = app.get(name)
    return given === undefined ? [] : [{ property: given.shown, why }]
  })
}

function guessInterpreter(script: string, file: string): string {
  const known = interpreters[path.extname(script)]
  if (known !== undefined) return known
  // A name that is not a file here is looked up in `PATH`, such as npm.
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return 'none'
  return isNodeScript(file) ? 'node' : 'none'
}

/** `node`, a path to it, or `node@22`, for which PM2 asks nvm. */
function isNode(interpreter: string): boolean {
  return /^node(@.*)?$/.test(path.basename(interpreter))
}

function textOf(given: Given | undefined, where: string): string | undefined {
  if (given === undefined) return undefined
  const { shown, value } = given
  if (typeof value === 'string' && value !== '') return value
  throw configError(where, `"${shown}" must be a string that is not empty`)
}

function wordsOf(given: Given | undefined, where: string): string[] {
  if (given === undefined) return []
  const { shown, value } = given
  const words = typeof value === 'string' ? splitWords(value) : value
  if (words === null) throw configError(where, `"${shown}" has a quote that is not closed`)
  if (Array.isArray(words)) return words.map(String)
  throw configError(where, `"${shown}" must be a string, or an array of strings`)
}
