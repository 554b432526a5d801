// `npm run test:node -- 24`: the same suites on another Node, which comes from npm.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript, runStep, StepError } from './steps.js'
import { runSuites } from './suites.js'

await runScript(async () => {
  const versions = process.argv.slice(2)
  if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
    throw new StepError('Which Node? For example: npm run test:node -- 22 24 26')
  }
  await prepare()
  let exitCode = 0
  for (const version of versions) {
    const bin = await install(version)
    const node = path.join(bin, 'node')
    const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
    const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` }
    // Every version is tested, whatever came of those before.
    exitCode = Math.max(exitCode, await runSuites(exact, env))
  }
  return exitCode
})

/**
 * Installs a Node beside the project, once, and gives the folder of its program.
 * @param {string} version
 */
async function install(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = path.join(root, 'node_modules/.cache/node', version)
  const bin = path.join(folder, 'node_modules', name, 'bin')
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
    await runStep({
      title: `Installing Node ${version}`,
      command: ['npm', 'install', '--prefix', folder, '--no-save', `${name}@${version}`],
      remedy: `npm has no ${name}@${version}, or cannot be reached.`,
    })
  }
  return bin
}
