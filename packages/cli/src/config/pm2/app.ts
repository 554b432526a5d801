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

/** The context of an app. */
export interface Surroundings {
  /** The folder of the file. */
  folder: string
  /** The file's `deploy`. */
  deploy: unknown
  /** The value of `--env`. */
  environment: string | null
}

type Without = Omit<Ignored, 'app'>

/** The properties that are read; the others are ignored, and reported. */
const read = new Set([
  ...['name', 'script', 'interpreter', 'args', 'node_args', 'cwd', 'exec_mode', 'execute_command'],
  ...['instances', 'env', 'port', 'uid', 'gid', 'autorestart', 'max_memory_restart'],
  ...['kill_timeout', 'listen_timeout', 'wait_ready'],
])

/** @throws Failure if a property that is read is wrong */
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

/** A job that ends would be run again and again, which no reader of the file would expect. */
function refuseJob(given: Given | undefined, where: string): void {
  if (given === undefined || given.value === true) return
  throw configError(
    where,
    `"${given.shown}" is ${JSON.stringify(given.value)}, but a worker that ends is always restarted: run a job that ends by itself with cron or a systemd timer; otherwise remove this property`,
  )
}

/** Workers share their ports in either mode, so the mode makes no difference. */
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
  const why = 'only a Node script can send that message'
  return { waitReady: {}, ignored: waitReady ? [{ property: given.shown, why }] : [] }
}

/** Programs read this variable so that only one of them does something, such as a scheduled job. */
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
