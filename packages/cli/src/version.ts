import fs from 'node:fs'

/** The version of this package. */
export function packageVersion(): string {
  // Relative to dist/bundle, where the published code is.
  const manifest = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return JSON.parse(manifest).version
}
