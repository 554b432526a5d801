// Builds the launcher of `reuse exec`, and the library that it falls back on, from the package in this
// folder, for this machine. They are for Linux only; elsewhere there is nothing to build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'

if (process.platform === 'linux') {
  mkdirSync('native/build', { recursive: true })
  const common = ['-std=c11', '-Os', '-s', '-Wall', '-Wextra', '-Werror']
  const launcher = readdirSync('native').filter((name) => name.endsWith('.c'))
  // Before glibc 2.34, threads are in a separate library.
  compile('reuse-exec', [...common, '-static', '-pthread'], launcher)
  // The library takes everything that it needs from the program's own C library, whichever that is.
  const library = ['-shared', '-fPIC', '-fvisibility=hidden', '-nostdlib']
  const sources = JSON.parse(readFileSync('native/preload/sources.json', 'utf8'))
  compile('reuse-preload.so', [...common, ...library], sources)
}

/**
 * @param {string} output
 * @param {string[]} flags
 * @param {string[]} sources
 */
function compile(output, flags, sources) {
  const files = sources.map((name) => `native/${name}`)
  const command = [...flags, '-o', `native/build/${output}`, ...files]
  const { status, error } = spawnSync(process.env.CC ?? 'cc', command, { stdio: 'inherit' })
  if (error) console.error(`the C compiler cannot be started: ${error.message}`)
  if (status !== 0) process.exitCode = status ?? 1
}
