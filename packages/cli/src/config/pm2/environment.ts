import { configError } from '../app/config-error.js'
import { isRecord } from '../app/json-schema.js'
import type { Ignored } from './ignored.js'
import type { Given } from './names.js'

interface Environment {
  deploy: unknown
  environment: string | null
}

/**
 * Refuses an environment that nothing in the file has a section for: its name is a mistake.
 *
 * @throws Failure
 */
export function checkEnvironment(
  apps: readonly ReadonlyMap<string, Given>[],
  { deploy, environment }: Environment,
  where: string,
): void {
  const ofApps = apps.flatMap((app) => [...app.keys()].filter((name) => name.startsWith('env_')))
  const ofDeploy = isRecord(deploy) ? Object.keys(deploy) : []
  const known = new Set([...ofApps.map((name) => name.slice('env_'.length)), ...ofDeploy])
  if (environment === null || known.has(environment)) return
  const names = known.size === 0 ? 'there are none' : `there are ${[...known].join(', ')}`
  throw configError(where, `no app has an environment "${environment}"; ${names}`)
}

/** Reports that this app has no section for the environment, though other apps have one. */
export function missingSection(
  app: ReadonlyMap<string, Given>,
  { environment }: Environment,
): Omit<Ignored, 'app'>[] {
  if (environment === null || app.has(`env_${environment}`)) return []
  return [{ property: `env_${environment}`, why: 'the app has no such section' }]
}

/**
 * The variables of an app. Later ones override earlier ones: `deploy`, `env`, the section of the environment,
 * `port`. As in PM2, values that are not strings become strings.
 */
export function variablesOf(
  app: ReadonlyMap<string, Given>,
  { deploy, environment }: Environment,
  where: string,
): Record<string, string> {
  const port = app.get('port')?.value
  return {
    ...(environment === null ? {} : deployVariables(deploy, environment, where)),
    ...section(app.get('env'), where),
    ...(environment === null ? {} : section(app.get(`env_${environment}`), where)),
    ...(port === undefined ? {} : { PORT: String(port) }),
  }
}

function deployVariables(
  deploy: unknown,
  environment: string,
  where: string,
): Record<string, string> {
  const target = isRecord(deploy) ? deploy[environment] : undefined
  const value = isRecord(target) ? target.env : undefined
  return section(
    value === undefined ? undefined : { shown: `deploy.${environment}.env`, value },
    where,
  )
}

function section(given: Given | undefined, where: string): Record<string, string> {
  if (given === undefined) return {}
  if (!isRecord(given.value)) throw configError(where, `"${given.shown}" must be an object`)
  const variables = Object.entries(given.value).filter(([, value]) => value !== undefined)
  return Object.fromEntries(variables.map(([name, value]) => [name, toText(value)]))
}

function toText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
