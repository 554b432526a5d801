// `npm run test:node -- 24`: tests what is published on another Node, which comes from npm.
// `-- --brief 22 24` leaves out what is the same on every Node.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { prepare } from './prepare.js'
import { runScript, StepError } from './steps.js'
import { runSuites } from './suites.js'

await runScript(async () => {
  const { values, positionals: versions } = parseArgs({
    allowPositionals: true,
    options: { brief: { type: 'boolean', default: false } },
  })
  if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
    throw new StepError('Which Node? For example: npm run test:node -- 22 24 26')
  }
  await prepare()
  // Built a moment ago.
  const { installNode } = await import('../packages/testkit/dist/src/index.js')
  let exitCode = 0
  for (const version of versions) {
    const node = await installNode(version)
    const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
    const env = {
      ...process.env,
      PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
      ...(values.brief && { TEST_BRIEF: '1' }),
    }
    // Every version is tested, whatever the results of those before.
    exitCode = Math.max(exitCode, await runSuites(exact, env, './packages/*'))
  }
  return exitCode
})
