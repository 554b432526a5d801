import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { cache } from '../cache.js'

/**
 * Fetches Debian's musl for another processor and gives the folder in which it is unpacked. apt works
 * in folders of our own, so that this machine does not become one of two architectures.
 */
export function fetchMusl(arch: 'arm64'): string {
  const folder = path.join(cache, `musl-${arch}`)
  const unpacked = path.join(folder, 'root')
  if (existsSync(path.join(unpacked, 'lib/ld-musl-aarch64.so.1'))) return unpacked

  console.log(`Fetching musl for ${arch}`)
  rmSync(folder, { recursive: true, force: true })
  for (const each of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(path.join(folder, each), { recursive: true })
  }
  const settings = {
    'Dir::State': path.join(folder, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Architecture': arch,
    'APT::Architectures': arch,
    // The user for downloads may not write here.
    'APT::Sandbox::User': 'root',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  execFileSync('apt-get', [...options, '-q', 'update'], { cwd: folder, stdio: 'pipe' })
  execFileSync('apt-get', [...options, '-q', 'download', 'musl'], { cwd: folder, stdio: 'pipe' })
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'))
  if (file === undefined) throw new Error(`apt-get gave no musl for ${arch}`)
  execFileSync('dpkg', ['-x', file, 'root'], { cwd: folder })
  return unpacked
}
