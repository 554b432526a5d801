// `npm run binaries:all`: the binaries of all systems, built here; arguments go to the program.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, 'release/dist/src/binaries/main.js'))
})
