import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root } from '../root.js'
import { compileHost } from './compile-host.js'
import { fetchMusl } from './musl/fetch-musl.js'
import type { Outcome, Run } from './outcome.js'

type Libc = 'glibc' | 'musl'

/** Loads a preload library into a small program for each C library; the same file is for both. */
export async function checkPreload(arch: 'x64' | 'arm64'): Promise<Run> {
  return {
    target: `linux-${arch}-preload`,
    node: 'none',
    through: arch === 'x64' ? 'a C program' : 'a C program, qemu',
    ran: 'bind, listen, connect with glibc and musl',
    outcomes: [await check(arch, 'glibc'), await check(arch, 'musl')],
    notRun: ['what it tells the launcher: the tests of the command do that'],
  }
}

async function check(arch: 'x64' | 'arm64', libc: Libc): Promise<Outcome> {
  const test = `a program for ${libc} shares its port, and connects from where it is told`
  const program = await compileHost('preload_host', arch, libc)
  const file = path.join(root, `packages/cli/prebuilds/linux-${arch}/reuse-preload.so`)
  const options = '--source-address=127.0.0.9'
  for (const [variables, expected] of [
    // The result is due to the library only if it differs without it.
    [[], 'in use\n'],
    [[`LD_PRELOAD=${file}`], 'in use\n'],
    [[`LD_PRELOAD=${file}`, `REUSE_EXEC_OPTIONS=${options}`], 'shared, from 127.0.0.9\n'],
  ] as const) {
    const [command, ...args] = await commandFor(arch, libc, variables)
    const { stdout, stderr, status, error } = spawnSync(command, [...args, program], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    // A loader that cannot load a library says so, and continues without it.
    if (status === 0 && stdout === expected && stderr === '') continue
    const said = error?.message ?? `${stdout}${stderr}`
    return { result: 'failed', test, why: `with ${variables.join(' ') || 'nothing'}: ${said}` }
  }
  return { result: 'passed', test }
}

/** The command that starts a program with these variables in its environment, not in an emulator's. */
async function commandFor(
  arch: 'x64' | 'arm64',
  libc: Libc,
  variables: readonly string[],
): Promise<[string, ...string[]]> {
  if (arch === 'x64') return ['env', ...variables]
  const libraries = libc === 'glibc' ? '/usr/aarch64-linux-gnu' : await fetchMusl(arch)
  const given = variables.flatMap((variable) => ['-E', variable])
  return ['qemu-aarch64-static', '-L', libraries, ...given]
}
