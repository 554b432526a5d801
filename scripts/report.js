// `npm run report`: installs, builds, and renders the reports of the benchmarks; arguments go to it.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'benchmarks/dist/src/report/main.js'))
})
