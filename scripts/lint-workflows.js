// `npm run lint:workflows`: installs, builds, and looks for mistakes in .github/workflows.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'release/dist/src/workflows/main.js'))
})
