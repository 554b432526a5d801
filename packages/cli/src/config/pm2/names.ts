/** Every property of an app has several names in PM2. */

/** The other names of a property, by the one that is used here. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  script: ['exec', 'cmd', 'command'],
  interpreter: ['exec_interpreter'],
  node_args: ['interpreter_args'],
  out_file: ['out', 'output', 'out_log'],
  error_file: ['error', 'err', 'err_file', 'err_log'],
  log_file: ['log'],
  pid_file: ['pid'],
  cron_restart: ['cron'],
  merge_logs: ['combine_logs'],
  uid: ['user'],
}

const byAlias = new Map(
  Object.entries(aliases).flatMap(([name, others]) =>
    others.map((other) => [other, name] as const),
  ),
)

/** A property of an app as the file has it. */
export interface Given {
  /** The name in the file, for messages. */
  shown: string
  value: unknown
}

/**
 * Maps the properties of an app to the names that are used here. `killTimeout` is `kill_timeout`, and `exec`
 * is `script`; if a property is given under two names, its own name wins.
 */
export function byName(app: Readonly<Record<string, unknown>>): Map<string, Given> {
  const sorted = new Map<string, Given>()
  for (const [shown, value] of Object.entries(app)) {
    if (value === undefined || value === null) continue
    const name = nameOf(shown)
    if (!sorted.has(name) || name === shown) sorted.set(name, { shown, value })
  }
  return sorted
}

function nameOf(shown: string): string {
  // `env_inProduction` is the section of the environment `inProduction`.
  if (shown.startsWith('env_')) return shown
  const words = shown.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return byAlias.get(words) ?? words
}
