// From a fresh clone to something that runs: the right Node, the packages, the build. Each part
// detects when there is nothing to do, so the second run takes seconds.
import { manifest, runStep, StepError, withPnpm } from './steps.js'

export async function prepare() {
  checkNode()
  await runStep({
    title: 'Installing the packages',
    // The one install script that matters is our own native build, and that is the next step.
    command: withPnpm('pnpm', 'install', '--frozen-lockfile', '--ignore-scripts'),
  })
  await runStep({
    title: 'Building',
    command: withPnpm('pnpm', 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only'),
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  })
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '')
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  throw new StepError(
    `Checking Node: this is ${process.version}, and ${wanted} or newer is needed.\nInstall a current Node.`,
  )
}
