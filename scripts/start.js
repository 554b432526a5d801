// `npm start`: installs, builds, and runs the demo with the arguments given.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'apps/demo/dist/src/main.js'))
})
