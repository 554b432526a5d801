// `npm start`, `npm run bench` and the like: installs, builds, and runs a program of the workspace
// with the arguments given: node run.js apps/demo/dist/src/main.js --once
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runProgram, runScript } from './steps.js'

const [file = '', ...args] = process.argv.slice(2)

await runScript(async () => {
  await prepare()
  return runProgram(path.join(root, file), args)
})
