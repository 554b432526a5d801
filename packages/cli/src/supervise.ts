/** `@reuse/cli`: a process manager whose workers share their ports, as a function. */
import { ControlServer } from './control/server.js'
import { takeClaim } from './state/claim.js'
import { controlPath, makeFolder } from './state/folder.js'
import { SuperviseError } from './supervise-error.js'
import { checkSuperviseOptions, type SuperviseOptions } from './supervisor/options.js'
import { sharingOf } from './supervisor/sharing/choose.js'
import { Supervisor } from './supervisor/supervisor.js'

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
 * Starts an app: so many workers that share their ports, which are started again when they end. Workers
 * of an earlier manager of the app, which has ended without them, are taken over, or replaced one by one
 * where something else is to run now.
 *
 * On macOS and Windows the workers accept from one listener, which this process holds, and are workers of
 * Node's cluster module.
 *
 * Resolves when the workers have been started; `ready()` resolves when they serve. If this process ends
 * without `stop()`, they go on; outside Linux they end.
 *
 * @throws TypeError, RangeError for a wrong option
 * @throws SuperviseError `ERR_SUPERVISE_RUNNING` where the app has a manager, `ERR_SUPERVISE_STATE` where
 * the folder of its state is not safe, `ERR_SUPERVISE_UNSUPPORTED` for what this system cannot do
 */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const app = checkSuperviseOptions(options)
  const sharing = sharingOf(app)
  const folder = makeFolder(app.name)
  const claim = await takeClaim(folder)
  if (typeof claim === 'number') {
    throw new SuperviseError(
      'ERR_SUPERVISE_RUNNING',
      `app ${app.name} runs already: process ${claim} manages it. 'reuse reload ${app.name}' replaces its workers, 'reuse stop ${app.name}' ends it; another app needs another name.`,
    )
  }
  let control: ControlServer | undefined
  try {
    const supervisor = new Supervisor(app, folder, sharing)
    control = await ControlServer.listen(controlPath(folder), supervisor)
    supervisor.once('stopped', () => {
      // The socket first: whoever manages the app next makes one of the same name.
      control?.close()
      claim.release()
    })
    supervisor.start()
    return supervisor
  } catch (error) {
    control?.close()
    claim.release()
    throw error
  }
}
