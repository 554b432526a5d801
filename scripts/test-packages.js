// `npm run test:packages`: packs what is published, looks at it, installs it in empty projects and
// serves with it.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript, runStep } from './steps.js'
import { runTestFiles } from './test-files.js'

await runScript(async () => {
  await prepare()
  await runStep({
    title: 'Making the binaries of all systems',
    command: [process.execPath, path.join(root, 'release/dist/src/binaries/main.js')],
  })
  const suite = path.join(root, 'release/dist/src/packages/suite/main.test.js')
  return runTestFiles('packages', [suite], 20 * 60_000)
})
