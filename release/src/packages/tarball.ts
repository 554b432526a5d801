import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { succeed } from '../command.js'

/** The contents of a package's tarball, unpacked. */
export interface PackedPackage {
  tarball: string
  /** In bytes, as it is downloaded. */
  size: number
  /** Where it is unpacked: what `node_modules/<name>` would be. */
  folder: string
  /** Paths below that folder, with `/`. */
  files: string[]
  /** Those of the files that everybody may execute. */
  executables: string[]
  manifest: Record<string, unknown>
}

/** Unpacks a package's tarball beside itself, and reads it. */
export async function openTarball(tarball: string): Promise<PackedPackage> {
  const unpacked = tarball.replace(/\.tgz$/, '')
  mkdirSync(unpacked)
  // Keeps the permissions, whatever the umask is.
  await succeed(['tar', '-xpzf', tarball, '-C', unpacked])
  // npm's tarballs have one folder at the top, and this is its name.
  const folder = path.join(unpacked, 'package')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort()
  const executables = files.filter(
    (file) => (statSync(path.join(folder, file)).mode & 0o111) === 0o111,
  )
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return { tarball, size: statSync(tarball).size, folder, files, executables, manifest }
}
