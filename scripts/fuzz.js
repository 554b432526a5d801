// `npm run fuzz`: runs the tests that generate their input with input that nobody has seen yet, each for
// `FUZZ_SECONDS`. `TEST_SEED` repeats what they found.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript, StepError } from './steps.js'
import { runTestFiles } from './test-files.js'

await runScript(async () => {
  const { FUZZ_SECONDS = '60', TEST_SEED = 'random' } = process.env
  const seconds = Number(FUZZ_SECONDS)
  if (!(seconds > 0))
    throw new StepError(`FUZZ_SECONDS must be a number of seconds, got ${FUZZ_SECONDS}`)
  Object.assign(process.env, { FUZZ_SECONDS, TEST_SEED })
  await prepare()
  const files = ['core', 'cli'].flatMap((name) => {
    const folder = path.join(root, 'packages', name, 'dist/test')
    return readdirSync(folder)
      .filter((file) => file.endsWith('fuzz.test.js'))
      .map((file) => path.join(folder, file))
  })
  // No file has as many as six of these tests, and some have other tests too.
  return runTestFiles('fuzz', files, { timeout: 6 * seconds * 1000 + 180_000 })
})
