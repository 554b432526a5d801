// `npm start`: installs, builds, and runs the demo with the arguments given.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript } from './steps.js'

await runScript(async () => {
  await prepare()
  const demo = path.join(root, 'apps/demo/dist/src/main.js')
  const child = spawn(process.execPath, [demo, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A Ctrl-C reaches the demo from the terminal itself; a signal to this process is passed on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
})
