import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../root.js'
import type { Outcome, Run } from './outcome.js'

const require = createRequire(import.meta.url)
const prebuilds = path.join(root, 'packages/core/prebuilds')

/**
 * Loads the binary for musl in a small program of its own: there is no Node for musl on npm. It has
 * to resolve every symbol, and to define the functions that the binary for glibc defines.
 */
export function checkMusl(): Run {
  return {
    target: 'linux-x64-musl',
    node: 'none',
    through: 'a C program, with stubs of Node-API',
    ran: 'load, symbols, exports',
    outcomes: [check()],
    notRun: ['no function of it is called: npm has no Node for musl'],
  }
}

function check(): Outcome {
  const test = 'it loads, and defines what the binary for glibc defines'
  const expected = Object.keys(require(path.join(prebuilds, 'linux-x64/reuse.glibc.node')))
  try {
    const output = execFileSync(compile(), [path.join(prebuilds, 'linux-x64/reuse.musl.node')], {
      encoding: 'utf8',
    })
    const defined = output.trim().split('\n')
    if (expected.length > 0 && defined.join() === expected.join()) return { result: 'passed', test }
    return { result: 'failed', test, why: `${defined} where ${expected} was expected` }
  } catch (error) {
    return { result: 'failed', test, why: error instanceof Error ? error.message : String(error) }
  }
}

function compile(): string {
  const folder = path.join(root, 'node_modules/.cache/systems')
  const program = path.join(folder, 'musl-host')
  mkdirSync(folder, { recursive: true })
  const headers = path.join(path.dirname(require.resolve('node-api-headers')), 'include')
  const source = path.join(root, 'release/native/musl_host.c')
  const flags = ['-std=c11', '-Wall', '-rdynamic', '-I', headers]
  execFileSync('musl-gcc', [...flags, source, '-o', program])
  return program
}
