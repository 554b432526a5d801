import { succeed } from '../command.js'
import { toolFile } from './tools.js'

/** A setting of npm on this machine; `undefined` if it is not set. */
export async function npmSetting(name: string): Promise<string | undefined> {
  const command = [process.execPath, await toolFile('npm'), 'config', 'get', name]
  const value = (await succeed(command)).trim()
  return value === '' || value === 'null' || value === 'undefined' ? undefined : value
}
