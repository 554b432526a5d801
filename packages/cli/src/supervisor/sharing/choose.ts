import { SuperviseError } from '../../supervise-error.js'
import type { App } from '../options.js'
import { OneListener } from './one-listener.js'
import { OwnListeners } from './own-listeners.js'
import type { Sharing } from './sharing.js'

/**
 * How the workers of an app share their ports on this system.
 *
 * @throws SuperviseError `ERR_SUPERVISE_UNSUPPORTED` for another system, or an option that only Linux has
 */
export function sharingOf(app: App): Sharing {
  switch (process.platform) {
    case 'linux':
      // For the tests, which cannot run on other systems yet.
      return process.env.REUSE_TEST_ONE_LISTENER === '1'
        ? new OneListener(app)
        : new OwnListeners(app)
    case 'darwin':
    case 'win32':
      return new OneListener(app)
    default:
      throw new SuperviseError(
        'ERR_SUPERVISE_UNSUPPORTED',
        `supervise() needs Linux, macOS or Windows, and this is ${process.platform}. Use Node's cluster module here.`,
      )
  }
}
