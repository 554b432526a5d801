// Runs the commands that lead from a fresh clone to a running program. It shows which command is
// running and, when one fails, which it was and what to do.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** @type {{ packageManager: string, engines: { node: string } }} */
export const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/**
 * What the output of a failed step says about its cause. The first remedy that matches is shown.
 * @type {{ seen: RegExp, remedy: string }[]}
 */
const remedies = [
  {
    seen: /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|META_FETCH_FAIL|ENETUNREACH|npm error network/i,
    remedy:
      'The npm registry cannot be reached. Check the network, a proxy, and `npm config list`.',
  },
  {
    seen: /not found: make|gyp ERR! find Python|find VS|not found: (cc|gcc|g\+\+|clang)|No such file.*(cc|gcc|python)/i,
    remedy:
      'The native addon needs python3, make and a C compiler: `apt install python3 make g++`, `xcode-select --install`, or the Visual Studio Build Tools.',
  },
  {
    seen: /FetchError.*node-v|headers\.tar|Unable to fetch.*headers/i,
    remedy:
      'The headers of this Node cannot be downloaded. Set `npm_config_nodedir` to a folder that has include/node.',
  },
  {
    seen: /ENOSPC|no space left/i,
    remedy: 'The disk is full.',
  },
  {
    seen: /OUTDATED_LOCKFILE|frozen-lockfile/,
    remedy:
      'package.json and pnpm-lock.yaml disagree: run `npx pnpm install` and commit the result.',
  },
]

/** A step that failed: its message says which, and what to do. */
export class StepError extends Error {}

/**
 * @typedef {object} Step
 * @property {string} title what is being done, e.g. "Installing the packages"
 * @property {string[]} command the program and its arguments
 * @property {boolean} [show] whether its output is shown as it comes; otherwise only if it fails
 * @property {NodeJS.ProcessEnv} [env]
 */

/**
 * Runs one step to its end.
 * @param {Step} step
 */
export async function runStep({ title, command, show = false, env = process.env }) {
  const start = process.hrtime.bigint()
  process.stdout.write(show ? `${title}\n` : `${title} … `)

  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    env,
    stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit ${code}`)))
  })

  if (outcome !== null) {
    if (!show) process.stdout.write(`failed (${outcome})\n\n${output}\n`)
    const known = remedies.find(({ seen }) => seen.test(output))?.remedy
    const advice = known ?? 'See the output above.'
    throw new StepError(`${title}: failed (${outcome}).\n${advice}`)
  }
  if (!show) {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9
    process.stdout.write(`done (${seconds.toFixed(1)} s)\n`)
  }
}

/**
 * A command that runs with the pnpm that package.json names, which a fresh machine does not have.
 * npm fetches it once and keeps it.
 * @param {string[]} command
 * @returns {string[]}
 */
export function withPnpm(...command) {
  // If npm runs this script, npm's path is known; a bare `npm` is not a program on Windows.
  const cli = process.env.npm_execpath
  const npm = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
  return [...npm, 'exec', '--yes', `--package=${manifest.packageManager}`, '--', ...command]
}

/**
 * Runs the main function of a script: a failed step ends it with its message, not with a stack.
 * @param {() => Promise<number | void>} main resolves with the exit code; default: 0
 */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    if (!isExpected(error)) throw error
    console.error(`\n${error.message}`)
    process.exitCode = 1
  }
}

/**
 * A step that failed, or an option that a script does not know: its message says it all.
 * @param {unknown} error
 * @returns {error is Error}
 */
function isExpected(error) {
  if (error instanceof StepError) return true
  return error instanceof Error && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS')
}

/** The process that started this script. */
const parent = process.ppid

/**
 * Runs a program of the workspace, and resolves with its exit code.
 * @param {string} file
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runProgram(file, args) {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' })
  const end = () => child.kill('SIGTERM')
  // A Ctrl-C reaches the program from the terminal itself; other signals are passed on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', end)
  const watch = setInterval(() => {
    if (!hasLostNpm()) return
    clearInterval(watch)
    end()
  }, 500)
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearInterval(watch)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}

/**
 * Whether the shell in which npm runs a script is gone: npm sends a signal to that shell, which ends
 * without passing it on.
 */
function hasLostNpm() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parent
}
