import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/** Leaves the tarballs that are tested in a folder: these very files are what is published. */
export function keepTarballs(tarballs: Iterable<string>, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const tarball of tarballs) copyFileSync(tarball, path.join(folder, path.basename(tarball)))
}
