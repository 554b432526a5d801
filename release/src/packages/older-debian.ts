import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../root.js'
import { installMissing } from '../systems/debian.js'
import { run, succeed } from './command.js'

/** From the oldest on which Node 20 runs (glibc 2.28), to what everybody has. */
const releases = ['buster', 'bullseye', 'bookworm']

const debootstrap = { name: 'debootstrap', file: '/usr/sbin/debootstrap' }

/** The folder of an older Debian, with no compiler in it. */
export interface OlderDebian {
  folder: string
  release: string
  glibc: string
}

/** Makes it once and keeps it; where it cannot be had, says why. */
export async function olderDebian(): Promise<OlderDebian | { reason: string }> {
  if (process.platform !== 'linux') return { reason: 'it takes Linux' }
  if (process.getuid?.() !== 0) return { reason: 'it takes root, for chroot and mount' }
  const mirror = await aptMirror()
  if (mirror === undefined) return { reason: "apt knows no mirror of Debian's" }
  if (installMissing([debootstrap]).length > 0) return { reason: 'debootstrap cannot be installed' }

  const tried: string[] = []
  for (const release of releases) {
    const folder = path.join(root, 'node_modules/.cache/debian', release)
    if (existsSync(folder) || (await bootstrap(release, mirror, folder))) {
      const [, glibc = 'unknown'] =
        /([\d.]+)\n/.exec(await succeed(['chroot', folder, 'ldd', '--version'])) ?? []
      const others = tried.length === 0 ? '' : `; not to be had: ${tried.join(', ')}`
      console.log(`Debian ${release}, glibc ${glibc}${others}`)
      return { folder, release, glibc }
    }
    tried.push(release)
  }
  return { reason: `the mirror has none of ${tried.join(', ')}` }
}

/** The mirror that this machine's apt uses. */
async function aptMirror(): Promise<string | undefined> {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)'
  const { output } = await run(['apt-get', 'indextargets', '--format', format])
  const lines = output.split('\n').map((line) => line.split('|'))
  return lines.find(([origin, label]) => origin === 'Debian' && label === 'Debian')?.[2]
}

async function bootstrap(release: string, mirror: string, folder: string): Promise<boolean> {
  // Under another name until it is complete.
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(path.dirname(folder), { recursive: true })
  const command = [debootstrap.file, '--variant=minbase', release, unfinished, mirror]
  const { status } = await run(command, { timeout: 300_000 })
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    return false
  }
  for (const rest of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc']) {
    rmSync(path.join(unfinished, rest), { recursive: true, force: true })
  }
  // As whoever starts a container writes it.
  writeFileSync(path.join(unfinished, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n')
  renameSync(unfinished, folder)
  return true
}
