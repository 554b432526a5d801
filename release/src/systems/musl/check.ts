import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../../root.js'
import { compileHost } from '../compile-host.js'
import type { Outcome, Run } from '../outcome.js'
import { fetchMusl } from './fetch-musl.js'

const require = createRequire(import.meta.url)
const prebuilds = path.join(root, 'packages/core/prebuilds')

/**
 * Loads a binary for musl in a small separate program, because there is no Node for musl on npm. It has
 * to resolve every symbol, and to define the functions that the binary for glibc defines.
 */
export async function checkMusl(arch: 'x64' | 'arm64'): Promise<Run> {
  return {
    target: `linux-${arch}-musl`,
    node: 'none',
    through: arch === 'x64' ? 'a C program' : 'a C program, qemu',
    ran: 'load, symbols, exports',
    outcomes: [await check(arch)],
    notRun: ['no function of it is called: npm has no Node for musl'],
  }
}

/** The command that starts a program for musl on this machine. */
async function commandFor(arch: 'x64' | 'arm64'): Promise<[string, ...string[]]> {
  const host = await compileHost('musl_host', arch, 'musl')
  if (arch === 'x64') return [host]
  return ['qemu-aarch64-static', '-L', await fetchMusl(arch), host]
}

async function check(arch: 'x64' | 'arm64'): Promise<Outcome> {
  const test = 'it loads, and defines what the binary for glibc defines'
  const expected = Object.keys(require(path.join(prebuilds, 'linux-x64/reuse.glibc.node')))
  const [program, ...args] = await commandFor(arch)
  const binary = path.join(prebuilds, `linux-${arch}/reuse.musl.node`)
  let output: string
  try {
    output = execFileSync(program, [...args, binary], { encoding: 'utf8' })
  } catch (error) {
    return { result: 'failed', test, why: error instanceof Error ? error.message : String(error) }
  }
  const defined = output.trim().split('\n')
  if (expected.length > 0 && defined.join() === expected.join()) return { result: 'passed', test }
  return { result: 'failed', test, why: `it defines ${defined} where ${expected} was expected` }
}
