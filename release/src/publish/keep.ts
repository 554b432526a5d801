import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../root.js'

/** Keeps the tested tarballs in the folder `KEEP_TARBALLS`: exactly these files are published. */
export function keepTarballs(tarballs: Iterable<string>): void {
  for (const tarball of tarballs) {
    const place = placeOf(path.basename(tarball))
    if (place !== null) copyFileSync(tarball, place)
  }
}

/** Keeps the SBOM of a tarball beside it. */
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
