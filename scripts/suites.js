import { clearResults, formatCounts, sumResults } from './results.js'
import { runStep, StepError, withPnpm } from './steps.js'

/** These time and watch processes, which others would disturb: they run alone, one after the other. */
const alone = ['@reuse/core', '@reuse/benchmarks']

/**
 * Runs the tests of packages that are already built.
 * @param {string} version of the Node that runs them
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [folders] where the packages are, as a filter of turbo; default: all
 * @returns {Promise<number>} the exit code
 */
export async function runSuites(version, env, folders = './**') {
  clearResults(version)
  const title = `Testing on Node ${version}`
  const exitCodes = [
    await runTurbo(title, env, [
      // Of these packages, those in the folders.
      ...alone.map((name) => `--filter=${name}{${folders}}`),
      ...['--concurrency=1', '--log-order=stream'],
    ]),
    await runTurbo(`${title}, two packages beside each other`, env, [
      `--filter=${folders}`,
      ...alone.map((name) => `--filter=!${name}`),
      ...['--concurrency=2', '--log-order=grouped'],
    ]),
  ]
  console.log(`\nNode ${version}: ${formatCounts(sumResults(version))}`)
  return Math.max(...exitCodes)
}

/**
 * @param {string} title
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} options which packages, and how
 */
async function runTurbo(title, env, options) {
  const turbo = ['turbo', 'run', 'test', '--only', '--continue=always', '--ui=stream', ...options]
  try {
    await runStep({
      title,
      command: withPnpm('pnpm', 'exec', ...turbo),
      show: true,
      env: { ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    })
    return 0
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    return 1
  }
}
