// `npm run bench`: installs, builds, and measures; arguments go to the benchmarks.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'benchmarks/dist/src/main.js'))
})
