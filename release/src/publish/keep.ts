import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../root.js'

/** Leaves the tarballs that are tested in the folder `KEEP_TARBALLS`: these very files are what is published. */
export function keepTarballs(tarballs: Iterable<string>): void {
  for (const tarball of tarballs) {
    const place = placeOf(path.basename(tarball))
    if (place !== null) copyFileSync(tarball, place)
  }
}

/** Leaves the SBOM of a tarball beside it. */
export function keepSbom(text: string, tarball: string): void {
  const place = placeOf(`${path.basename(tarball, '.tgz')}.cdx.json`)
  if (place !== null) writeFileSync(place, text)
}

function placeOf(file: string): string | null {
  const { KEEP_TARBALLS } = process.env
  if (!KEEP_TARBALLS) return null
  const folder = path.resolve(root, KEEP_TARBALLS)
  mkdirSync(folder, { recursive: true })
  return path.join(folder, file)
}
