import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { ReuseError } from './errors.js'

const { platform, arch } = process

const compilers: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "Xcode's command line tools (`xcode-select --install`)",
  win32: 'Python and the Visual Studio Build Tools with C++',
}
const compiler = compilers[platform] ?? 'python3, make and a C compiler'

/** Which file of `prebuilds/` fits; node-gyp-build knows musl by Alpine's release file, or by LIBC. */
function prebuiltName(): string {
  if (platform !== 'linux') return `${platform}-${arch}/reuse.node`
  const libc = process.env.LIBC ?? (existsSync('/etc/alpine-release') ? 'musl' : 'glibc')
  return `${platform}-${arch}/reuse.${libc}.node`
}

/** What this copy of the package has. */
function prebuiltSystems(root: string): string {
  const folder = path.join(root, 'prebuilds')
  const systems = existsSync(folder) ? readdirSync(folder).sort() : []
  if (systems.length === 0) return 'This copy has no prebuilt binaries.'
  return `There are prebuilt binaries for ${systems.join(', ')}.`
}

export interface AddonFailure {
  /** The folder of this package. */
  root: string
  /** The file that was found and does not load; none if none was found. */
  file?: string
  /** Whether this is the end of an install, which has tried to build it. */
  installing: boolean
  cause: unknown
}

/** Says why the addon is not there or does not load: what was tried, and what to do. */
export function addonError({ root, file, installing, cause }: AddonFailure): ReuseError {
  const on = `on ${platform}-${arch} with Node ${process.version}`
  const remedy = `Install ${compiler}, then ${installing ? 'install again' : 'run `npm rebuild @reuse/core`'}.`

  if (file !== undefined) {
    // On Windows and macOS the loader says more than a line.
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).trim().split(/\r?\n/)
    return new ReuseError(
      'ERR_REUSE_ADDON',
      `the native part of @reuse/core does not load ${on} (${reason})`,
      { cause, hint: `${file} is for another system, or damaged. ${remedy}` },
    )
  }
  const built = installing
    ? 'Building it from source failed; the reason stands above.'
    : 'It was not built from source either: install scripts were off, or node_modules is from another machine.'
  return new ReuseError(
    'ERR_REUSE_ADDON',
    `the native part of @reuse/core is missing ${on}: ${root} has neither build/Release/reuse.node nor prebuilds/${prebuiltName()}`,
    { cause, hint: `${prebuiltSystems(root)} ${built} ${remedy}` },
  )
}
