import path from 'node:path'
import { checkApp, checkProperty } from '../app/check.js'
import { configError } from '../app/config-error.js'
import type { AppOptions } from '../app/options.js'
import { appName } from './app-name.js'
import { missingSection, variablesOf } from './environment.js'
import { type Ignored, unnumbered, whyIgnored } from './ignored.js'
import type { Given } from './names.js'
import { numbersOf } from './numbers.js'
import { type Program, programOf } from './program.js'
import { refuseOtherUser } from './user.js'

/** What an app stands in. */
export interface Surroundings {
  /** The folder of the file. */
  folder: string
  /** The file's `deploy`. */
  deploy: unknown
  /** What `--env` says. */
  environment: string | null
}

type Without = Omit<Ignored, 'app'>

/** What is read; the rest is ignored, and named. */
const read = new Set([
  ...['name', 'script', 'interpreter', 'args', 'node_args', 'cwd', 'exec_mode', 'execute_command'],
  ...['instances', 'env', 'port', 'uid', 'gid', 'autorestart', 'max_memory_restart'],
  ...['kill_timeout', 'listen_timeout', 'wait_ready'],
])

/** @throws Failure where a property that is read is not as it should be */
export function mapApp(
  app: ReadonlyMap<string, Given>,
  surroundings: Surroundings,
  where: string,
): { options: AppOptions; ignored: Ignored[] } {
  refuseOtherUser(app, where)
  refuseJob(app.get('autorestart'), where)
  checkMode(app.get('exec_mode'), where)
  const { folder } = surroundings
  const cwd = path.resolve(folder, folderOf(app.get('cwd'), where))
  const program = programOf(app, cwd, where)
  const { name, given } = appName(app, where)
  const env = { ...program.env, ...variablesOf(app, surroundings, where) }
  const { waitReady, ignored: ofWaiting } = waiting(app, program, where)
  const mapped = { name, ...program.options, cwd, env, ...numbersOf(app, where), ...waitReady }
  const options = checkApp(mapped, where, folder)
  const ignored = [
    ...(name === given ? [] : [{ property: 'name', why: `the app is called "${name}" here` }]),
    ...program.ignored,
    ...ofWaiting,
    ...ofNumbering(app, options),
    ...missingSection(app, surroundings),
    ...ofTheRest(app),
  ]
  return { options, ignored: ignored.map((one) => ({ app: name, ...one })) }
}

/** A job that ends would be run again and again, which nobody would expect who reads the file. */
function refuseJob(given: Given | undefined, where: string): void {
  if (given === undefined || given.value === true) return
  throw configError(
    where,
    `"${given.shown}" is ${JSON.stringify(given.value)}, and a worker that ends is always started again: run what is to end by itself by cron, or by a timer of systemd, and take it out`,
  )
}

/** Workers of either mode share their ports, so that it makes no difference. */
function checkMode(given: Given | undefined, where: string): void {
  if (given === undefined || /^(cluster|fork)(_mode)?$/.test(String(given.value))) return
  const got = String(given.value)
  throw configError(where, `"${given.shown}" must be "cluster" or "fork", got ${got}`)
}

function folderOf(given: Given | undefined, where: string): string {
  if (given === undefined) return '.'
  return String(checkProperty('cwd', given.value, where, given.shown))
}

function waiting(
  app: ReadonlyMap<string, Given>,
  { options }: Program,
  where: string,
): { waitReady: object; ignored: Without[] } {
  const given = app.get('wait_ready')
  if (given === undefined) return { waitReady: {}, ignored: [] }
  const waitReady = checkProperty('waitReady', given.value, where, given.shown)
  if ('script' in options) return { waitReady: { waitReady }, ignored: [] }
  const why = 'it is no script of Node, which could send that'
  return { waitReady: {}, ignored: waitReady ? [{ property: given.shown, why }] : [] }
}

/** Programs ask for it where only one of them is to do something, such as a job by the clock. */
function ofNumbering(app: ReadonlyMap<string, Given>, { instances = 1 }: AppOptions): Without[] {
  if (instances === 1 || app.has('instance_var')) return []
  return [{ property: 'NODE_APP_INSTANCE', why: unnumbered }]
}

function ofTheRest(app: ReadonlyMap<string, Given>): Without[] {
  return [...app].flatMap(([name, { shown, value }]) => {
    if (read.has(name) || name.startsWith('env_')) return []
    const why = whyIgnored(name, value)
    return why === null ? [] : [{ property: shown, why }]
  })
}
