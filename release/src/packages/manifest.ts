import { launchersOf } from './binaries.js'
import type { PackageContract } from './contracts.js'

/** What is read from a package.json; it may contain anything, so nothing is certain. */
export interface Manifest {
  [field: string]: unknown
}

/**
 * What is wrong with the manifest in a tarball.
 *
 * @param engines the workspace's range for Node
 * @returns a sentence for each fault
 */
export function manifestFaults(
  contract: PackageContract,
  manifest: Manifest,
  engines: string,
): string[] {
  const { name, directory, dependencies, peer, bin } = contract
  const faults: string[] = []
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(`${name}: ${fault}`)
  }

  check(!/"(workspace|catalog|file|link):/.test(JSON.stringify(manifest)), rangesFault)
  check(manifest.name === name, `its name is ${manifest.name}`)
  check(manifest.type === 'module', 'its type is not "module"')
  check(manifest.license === 'MIT', 'its license is not MIT')
  check(field(manifest.engines, 'node') === engines, `engines.node is not ${engines}`)
  check(field(manifest.repository, 'directory') === directory, 'repository.directory is wrong')
  check(
    /^git\+https:/.test(String(field(manifest.repository, 'url'))),
    'repository.url is not a URL',
  )
  check(field(manifest.publishConfig, 'access') === 'public', 'publishConfig.access is not public')
  // GitHub keeps no permissions between the jobs that build and pack: pnpm sets those of these files.
  const executables = record(field(manifest.publishConfig, 'executableFiles'))
  check(
    Object.values(executables).join() === launchersOf(contract).join(),
    'publishConfig.executableFiles does not list its launchers',
  )
  // Yarn's Plug'n'Play keeps a package in an archive, from which no program can be started.
  const started = launchersOf(contract).length > 0
  check(!started || manifest.preferUnplugged === true, 'preferUnplugged is not true')
  check(Array.isArray(manifest.keywords) && manifest.keywords.length > 0, 'it has no keywords')
  check(manifest.private !== true, 'it is private')

  const installed = names(manifest.dependencies).sort()
  check(
    installed.join() === [...dependencies].sort().join(),
    `it installs ${installed.join(', ') || 'nothing'}, not ${dependencies.join(', ')}`,
  )
  // The scripts that npm runs when a package is installed. Some package managers ask first, or refuse.
  const scripts = names(manifest.scripts).filter((one) => whenInstalled.includes(one))
  check(scripts.length === 0, `it runs ${scripts.join(', ')} when it is installed`)
  check(names(manifest.optionalDependencies).length === 0, 'it has optional dependencies')
  const peers = names(manifest.peerDependencies).join()
  check(peers === (peer ?? ''), `its peers are ${peers || 'none'}`)
  check(peer === undefined || manifest.sideEffects === false, 'sideEffects is not false')

  for (const [entry, target] of Object.entries(record(manifest.exports))) {
    if (entry.endsWith('.json')) continue
    // TypeScript takes the first condition that matches.
    check(names(target)[0] === 'types', `exports["${entry}"] does not begin with its types`)
  }
  if (bin === undefined) check('.' in record(manifest.exports), 'exports has no "."')
  else check(names(manifest.bin).join() === bin, `its command is not ${bin}`)
  return faults
}

const whenInstalled = ['preinstall', 'install', 'postinstall']

const rangesFault = 'a range of the workspace is left, which nobody else can resolve'

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function names(value: unknown): string[] {
  return Object.keys(record(value))
}

function field(value: unknown, name: string): unknown {
  return record(value)[name]
}
