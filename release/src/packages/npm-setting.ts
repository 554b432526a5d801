import { succeed } from '../command.js'
import { toolFile } from './tools.js'

/** How npm is set on this machine; nothing where it is not. */
export async function npmSetting(name: string): Promise<string | undefined> {
  const command = [process.execPath, await toolFile('npm'), 'config', 'get', name]
  const value = (await succeed(command)).trim()
  return value === '' || value === 'null' || value === 'undefined' ? undefined : value
}
