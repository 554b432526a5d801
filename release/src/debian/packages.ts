import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A package of Debian, and the file that shows that it is installed. */
export interface DebianPackage {
  name: string
  file: string
}

export function missingPackages(packages: readonly DebianPackage[]): string[] {
  return packages.filter(({ file }) => !existsSync(file)).map(({ name }) => name)
}

/** Installs what is missing, if this user may. Returns what is still missing. */
export function installMissing(packages: readonly DebianPackage[]): string[] {
  const missing = missingPackages(packages)
  const may = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length === 0 || !may) return missing
  console.log(`Installing ${missing.join(', ')}`)
  try {
    aptGet('update', '-q')
    aptGet('install', '-qy', '--no-install-recommends', ...missing)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  return missingPackages(packages)
}

function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', args, { env, timeout: 300_000, stdio: ['ignore', 'ignore', 'inherit'] })
}
