import { clearResults, formatCounts, sumResults } from './results.js'
import { runStep, StepError, withPnpm } from './steps.js'

/**
 * Runs the tests of every package, which are built already.
 * @param {string} version of the Node that runs them
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} the exit code
 */
export async function runSuites(version, env) {
  clearResults(version)
  // One package after the other: they start real processes, and would disturb each other.
  const turbo = ['turbo', 'run', 'test', '--only', '--concurrency=1', '--continue=always']
  try {
    await runStep({
      title: `Testing on Node ${version}`,
      command: withPnpm('pnpm', 'exec', ...turbo, '--ui=stream', '--log-order=stream'),
      show: true,
      env: { ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    })
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    console.log(`\nNode ${version}: ${formatCounts(sumResults(version))}`)
    return 1
  }
  console.log(`\nNode ${version}: ${formatCounts(sumResults(version))}`)
  return 0
}
