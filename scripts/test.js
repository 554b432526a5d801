// `npm test`: installs, builds, and runs every package's tests on this Node.
import { prepare } from './prepare.js'
import { runScript } from './steps.js'
import { runSuites } from './suites.js'

await runScript(async () => {
  await prepare()
  return runSuites(process.version, process.env)
})
