/** `@reuse/cli`: a process manager whose workers share their ports, as a function. */
import { ClaimedApp } from './claimed-app.js'
import type { SuperviseOptions } from './supervisor/options.js'
import type { Supervisor } from './supervisor/supervisor.js'

export type { ClaimedApp } from './claimed-app.js'
export {
  type ConfigSize,
  type ConfigTime,
  defineConfig,
  type ReuseAppConfig,
  type ReuseConfig,
  type ReuseConfigExport,
} from './config/define.js'
export type {
  AppMeasures,
  AppStatus,
  LogLine,
  WorkerStatus,
  WorkerWork,
} from './control/messages.js'
export { SuperviseError, type SuperviseErrorCode } from './supervise-error.js'
export type { CrashInfo, SupervisorEvents, WorkerInfo } from './supervisor/events.js'
export type { Steering, SuperviseOptions } from './supervisor/options.js'
export type { Replacement } from './supervisor/reload.js'
export type { Supervisor } from './supervisor/supervisor.js'
export type { Ending } from './supervisor/worker-process.js'

/**
 * Starts an app: workers that share their ports, and are started again when they end. Workers that an earlier
 * manager of the app left running are taken over, or replaced one by one if something else is to run now.
 *
 * On macOS and Windows the workers accept from one listener, which this process holds, and are workers of
 * Node's cluster module.
 *
 * Resolves when the workers have been started; `ready()` resolves when they serve. If this process ends
 * without `stop()`, the workers go on; outside Linux they end.
 *
 * @throws TypeError, RangeError for a wrong option
 * @throws SuperviseError `ERR_SUPERVISE_RUNNING` if the app has a manager, `ERR_SUPERVISE_STATE` if the
 * folder of its state is not safe, `ERR_SUPERVISE_UNSUPPORTED` for what this system cannot do
 */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const app = await claimApp(options)
  return app.start()
}

/**
 * The first half of `supervise()`: claims an app for this process, but does not start or take over anything
 * yet. For programs that start several apps, or need something else too, and must fail before anything has
 * changed.
 *
 * @throws as `supervise()`
 */
export async function claimApp(options: SuperviseOptions): Promise<ClaimedApp> {
  return ClaimedApp.take(options)
}
