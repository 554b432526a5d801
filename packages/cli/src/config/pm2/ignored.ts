/** Something in an ecosystem file that `reuse run` does not do. */
export interface Ignored {
  /** The app; null if it is about the whole file. */
  app: string | null
  /** Its name in the file. */
  property: string
  /** Why, and what is done instead. */
  why: string
}

interface Row {
  why: string
  /** Values for which PM2 does the same as `reuse run`. */
  same?: readonly unknown[]
}

const watch = "files are not watched: 'reuse reload' starts another version"
const logs =
  "workers write to the output of reuse run, and 'reuse logs' shows it; redirect that to a file"
const restarts =
  'a worker that ends is always started again, after 0.1 seconds first and 15 seconds at most'
/** Why no variable tells a worker which one it is. */
export const unnumbered = 'a worker is not told its number: each is like the others'
const monitoring = 'there is no agent for PM2’s monitoring in the workers'

const unknown = 'PM2 7 does not know it either'

/** What PM2 knows but `reuse run` does not do, by PM2's names. */
const rows: Readonly<Record<string, Row>> = {
  watch: { why: watch, same: [false] },
  ignore_watch: { why: watch },
  watch_delay: { why: watch },
  watch_options: { why: watch },
  cron_restart: {
    why: "nothing is restarted by the clock: start 'reuse reload' with cron or a systemd timer",
    same: [0, '0'],
  },
  autostart: { why: 'starting an app always starts its workers', same: [true] },
  stop_exit_codes: { why: restarts },
  min_uptime: { why: restarts },
  max_restarts: { why: restarts },
  restart_delay: { why: restarts, same: [0] },
  exp_backoff_restart_delay: { why: restarts, same: [0] },
  out_file: { why: logs },
  error_file: { why: logs },
  log_file: { why: logs, same: [false] },
  merge_logs: { why: logs, same: [true] },
  disable_logs: { why: logs, same: [false] },
  log_type: { why: logs },
  log_date_format: { why: logs },
  time: { why: logs, same: [false] },
  pid_file: { why: "'reuse status' shows the processes of an app" },
  instance_var: { why: unnumbered },
  increment_var: { why: unnumbered },
  filter_env: { why: 'workers have all variables of reuse run', same: [false] },
  shutdown_with_message: { why: 'workers are asked to end by SIGTERM', same: [false] },
  treekill: { why: 'SIGTERM goes to the worker alone, SIGKILL to all processes of its group' },
  kill_retry_time: {
    why: 'the kernel reports when a worker has ended, so nothing polls for it',
    same: [100],
  },
  source_map_support: {
    why: "give Node's own --enable-source-maps as node_args",
    same: [false],
  },
  disable_source_map_support: { why: 'no source maps are read anyway', same: [true] },
  namespace: { why: 'apps have names and no groups', same: ['default'] },
  name_prefix: { why: 'apps are called as the file says' },
  append_env_to_name: { why: 'an app has one name in every environment', same: [false] },
  force: { why: 'one manager of a user runs an app', same: [false] },
  vizion: { why: 'versions are not read from Git', same: [false] },
  install_url: { why: 'nothing is installed' },
  post_update: { why: 'nothing is pulled or updated' },
  write: { why: 'nothing is written to the file', same: [false] },
  username: { why: 'it is whoever starts reuse run' },
  pmx: { why: monitoring, same: [false] },
  automation: { why: monitoring, same: [false] },
  trace: { why: monitoring, same: [false] },
  disable_trace: { why: monitoring, same: [true] },
  deep_monitoring: { why: monitoring, same: [false] },
  event_loop_inspector: { why: monitoring, same: [false] },
  v8: { why: monitoring, same: [false] },
  io: { why: monitoring },
  windows_hide: { why: 'it applies to Windows only' },
}

/** What PM2 knows besides the apps. */
const ofFile: Readonly<Record<string, string>> = {
  deploy: 'reuse deploys nothing; only its "env" is read',
  static: 'reuse serves no files',
}

/** Why a property of an app is not read; null if nothing is lost by that. */
export function whyIgnored(name: string, value: unknown): string | null {
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined
  if (row === undefined) return unknown
  return row.same?.includes(value) ? null : row.why
}

export function whyIgnoredOfFile(name: string): string {
  return (Object.hasOwn(ofFile, name) ? ofFile[name] : undefined) ?? unknown
}
