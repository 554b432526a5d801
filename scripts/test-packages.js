// `npm run test:packages`: packs what is published, checks it, installs it in empty projects and
// serves with it.
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript } from './steps.js'
import { runTestFiles } from './test-files.js'

await runScript(async () => {
  await prepare()
  // Built a moment ago.
  const { ensureBinaries } = await import('../release/dist/src/systems/binaries.js')
  ensureBinaries()
  const suite = path.join(root, 'release/dist/src/packages/suite/main.test.js')
  return runTestFiles('packages', [suite], { timeout: 20 * 60_000 })
})
