// `npm run test:targets`: core's tests with the prebuilt binary of every system that this machine
// can run, directly or emulated. `-- --target win32-x64 --node 22` runs a part of them.
import { parseArgs } from 'node:util'
import { prepare } from './prepare.js'
import { clearResults, writeResult } from './results.js'
import { runScript, StepError } from './steps.js'

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      node: { type: 'string', multiple: true },
    },
  })
  await prepare()
  // Built a moment ago.
  const { countOutcomes, isFailure, testTargets } = await import(
    '../release/dist/src/systems/index.js'
  )
  const runs = await testTargets({ targets: values.target, nodes: values.node }).catch((error) => {
    throw new StepError(`Testing the targets: ${error.message}`)
  })
  let failures = 0
  for (const { target, node, outcomes, unsteady = [] } of runs) {
    const counts = countOutcomes(outcomes)
    const version = `${target}, Node ${node}`
    clearResults(version)
    writeResult(version, '@reuse/core', counts, outcomes.filter(isFailure), [...unsteady])
    failures += counts.failed
  }
  return failures > 0 || runs.length === 0 ? 1 : 0
})
