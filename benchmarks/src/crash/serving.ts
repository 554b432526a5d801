/** Which programs serve, in files: for whoever cannot be told by message. */
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const ending = '.serves'

/** Says that this program serves. */
export function recordServing(folder: string): void {
  writeFileSync(path.join(folder, `${process.pid}${ending}`), '')
}

/** The process ids of all that have said so. */
export function servingIn(folder: string): number[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return names.map((name) => Number(name.slice(0, -ending.length)))
}
