import { existsSync } from 'node:fs'
import path from 'node:path'
import { DebianArchive } from '../../debian/archive.js'
import { cache } from '../cache.js'

/** Fetches Debian's musl for another processor, and resolves with the folder in which it is unpacked. */
export async function fetchMusl(arch: 'arm64'): Promise<string> {
  const folder = path.join(cache, `musl-${arch}`)
  const unpacked = path.join(folder, 'root')
  if (existsSync(path.join(unpacked, 'lib/ld-musl-aarch64.so.1'))) return unpacked
  console.log(`Fetching musl for ${arch}`)
  const archive = await DebianArchive.open(folder, arch)
  return archive.unpack('musl')
}
