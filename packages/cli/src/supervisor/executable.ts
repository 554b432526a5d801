import fs from 'node:fs'
import path from 'node:path'

/** What `execvp` searches if there is no PATH. */
const defaultPath = '/bin:/usr/bin'

/** The absolute path of a program, found as a shell finds it; `null` if there is none. */
export function findExecutable(
  name: string,
  cwd: string,
  search: string = defaultPath,
): string | null {
  const folders = name.includes('/') ? [''] : search.split(':')
  const files = folders.map((folder) => path.resolve(cwd, folder, name))
  return files.find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}
