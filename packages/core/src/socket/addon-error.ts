import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { attempt } from '../lib/attempt.js'
import { ReuseError } from '../lib/errors.js'
import { capabilities } from './platform.js'

const { platform, arch } = process

const compilers: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "Xcode's command line tools (`xcode-select --install`)",
  win32: 'Python and the Visual Studio Build Tools with C++',
}
/** What it takes to build the addon on this system. */
export const compiler = compilers[platform] ?? 'python3, make and a C compiler'

/** The file in `prebuilds/` for this system; node-gyp-build detects musl by Alpine's release file or LIBC. */
export function prebuiltName(): string {
  if (platform !== 'linux') return `${platform}-${arch}/reuse.node`
  // Node's permission model may forbid this; some versions throw an error then.
  const isAlpine = attempt(() => existsSync('/etc/alpine-release')) ?? false
  const libc = process.env.LIBC ?? (isAlpine ? 'musl' : 'glibc')
  return `${platform}-${arch}/reuse.${libc}.node`
}

/** Which prebuilt binaries this copy of the package has. */
function prebuiltSystems(root: string): string {
  const folder = path.join(root, 'prebuilds')
  const systems = attempt(() => readdirSync(folder).sort()) ?? []
  if (systems.length === 0) return 'This copy has no prebuilt binaries.'
  return `There are prebuilt binaries for ${systems.join(', ')}.`
}

export interface AddonFailure {
  /** The folder of this package. */
  root: string
  /** The file that was found but does not load; absent if none was found. */
  file?: string
  cause: unknown
}

/** How to let this Node load the addon, if its own options forbid it; else `null`. */
function remedyOf(root: string, cause: unknown): string | null {
  const { permission } = process as { permission?: { has(scope: string, path: string): boolean } }
  if (permission?.has('fs.read', root) === false) return `Start it with --allow-fs-read=${root}/*.`
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code !== 'ERR_DLOPEN_DISABLED') return null
  return permission === undefined
    ? 'Start it without --no-addons.'
    : 'Start it with --allow-addons.'
}

/** Says why the addon is missing or does not load: what was tried, and what to do. */
export function addonError({ root, file, cause }: AddonFailure): ReuseError {
  const option = remedyOf(root, cause)
  if (option !== null) {
    const message = "this Node's options do not allow the native addon of @reuse/core"
    return new ReuseError('ERR_REUSE_ADDON', message, { cause, hint: option })
  }
  if (!capabilities.sharing) {
    const message = `@reuse/core does not work on ${platform}: it is known how sockets share a port on Linux, macOS and Windows`
    const hint = "Node's own option may work there: server.listen({ port, reusePort: true })."
    return new ReuseError('ERR_REUSE_ADDON', message, { cause, hint })
  }
  const on = `on ${platform}-${arch} with Node ${process.version}`
  const build = JSON.stringify(path.join(root, 'dist/bundle/build.js'))
  const remedy = `Install ${compiler}, then run \`node ${build}\`.`

  if (file !== undefined) {
    // On Windows and macOS, the loader's message has more than one line.
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).trim().split(/\r?\n/)
    return new ReuseError(
      'ERR_REUSE_ADDON',
      `the native addon of @reuse/core does not load ${on} (${reason})`,
      { cause, hint: `${file} is for another system or is damaged. ${remedy}` },
    )
  }
  return new ReuseError(
    'ERR_REUSE_ADDON',
    `the native addon of @reuse/core is missing ${on}: ${root} has neither native/build/Release/reuse.node nor prebuilds/${prebuiltName()}`,
    { cause, hint: `${prebuiltSystems(root)} ${remedy}` },
  )
}
