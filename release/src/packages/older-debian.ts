import { succeed } from '../command.js'
import { type DebianRoot, debianRoot } from '../debian/root.js'

/** From the oldest on which Node 20 runs (glibc 2.28) to one that every mirror has. */
const releases = ['buster', 'bullseye', 'bookworm']

/** The folder of an older Debian, with no compiler in it. */
export interface OlderDebian extends DebianRoot {
  glibc: string
}

/** Makes it once and keeps it; if it cannot be made, resolves with the reason. */
export async function olderDebian(): Promise<OlderDebian | { reason: string }> {
  const debian = await debianRoot(releases)
  if ('reason' in debian) return debian
  const [, glibc = 'unknown'] =
    /([\d.]+)\n/.exec(await succeed(['chroot', debian.folder, 'ldd', '--version'])) ?? []
  console.log(`Debian ${debian.release}, glibc ${glibc}`)
  return { ...debian, glibc }
}
