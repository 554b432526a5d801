import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from '../command.js'
import { root } from '../root.js'
import { aptMirror } from './mirror.js'
import { installMissing } from './packages.js'

const debootstrap = { name: 'debootstrap', file: '/usr/sbin/debootstrap' }

/** The root folder of a Debian, for `insideOf`. */
export interface DebianRoot {
  folder: string
  release: string
}

/**
 * Makes the root folder of a Debian, once, and keeps it: of the first of these releases that the mirror
 * of this machine's apt has, with these packages and their dependencies. If none can be made, returns
 * the reason.
 */
export async function debianRoot(
  releases: readonly string[],
  packages: readonly string[] = [],
): Promise<DebianRoot | { reason: string }> {
  if (process.platform !== 'linux') return { reason: 'it needs Linux' }
  if (process.getuid?.() !== 0) return { reason: 'it needs root, for chroot and mount' }
  const mirror = await aptMirror()
  if (mirror === undefined) return { reason: "apt knows no mirror of Debian's" }
  if (installMissing([debootstrap]).length > 0) return { reason: 'debootstrap cannot be installed' }

  let why = ''
  for (const release of releases) {
    const folder = path.join(root, 'node_modules/.cache/debian', [release, ...packages].join('-'))
    if (existsSync(folder)) return { folder, release }
    const more = packages.length === 0 ? '' : ` with ${packages.join(', ')}`
    console.log(`Making a Debian ${release}${more}`)
    const failure = await bootstrap(release, packages, mirror, folder)
    if (failure === null) return { folder, release }
    why += `\n${release}: ${failure}`
  }
  return { reason: `no Debian can be made of the mirror of apt:${why}` }
}

/** Resolves with why it cannot be made, the last line that was printed; `null` if it was made. */
async function bootstrap(
  release: string,
  packages: readonly string[],
  mirror: string,
  folder: string,
): Promise<string | null> {
  // Under another name until it is complete.
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(path.dirname(folder), { recursive: true })
  const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`]
  const options = ['--variant=minbase', ...include]
  const { status, output } = await run(
    [debootstrap.file, ...options, release, unfinished, mirror],
    { timeout: 600_000 },
  )
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    return output.trim().split('\n').at(-1) || `debootstrap ended with ${status}`
  }
  for (const rest of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc']) {
    rmSync(path.join(unfinished, rest), { recursive: true, force: true })
  }
  // As programs that start containers write it.
  writeFileSync(path.join(unfinished, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n')
  renameSync(unfinished, folder)
  return null
}
