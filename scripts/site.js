// `npm run site`: installs, builds, and builds the documentation, or serves it with `--serve`.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'apps/site/dist/src/main.js'))
})
