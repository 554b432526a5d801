import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = fileURLToPath(
  new URL('../../../../node_modules/.cache/npm-packages', import.meta.url),
)

/** A system for which npm packages are made, as npm names it. */
export interface Target {
  os: string
  cpu: string
}

export const thisTarget: Target = { os: process.platform, cpu: process.arch }

/**
 * Installs one version of an npm package beside the workspace, once, and returns its folder. For tools
 * that are too large for everybody's first install, and for programs of other systems.
 */
export async function installFromNpm(
  name: string,
  version: string,
  { os, cpu }: Target = thisTarget,
): Promise<string> {
  const folder = path.join(cache, `${name.replace('/', '+')}@${version}`)
  const installed = path.join(folder, 'node_modules', name)
  if (existsSync(installed)) return installed

  console.log(`Installing ${name} ${version}`)
  // Under another name until it is complete: an interrupted install must not count as one.
  const unfinished = `${folder}.${process.pid}`
  try {
    await install(unfinished, `${name}@${version}`, { os, cpu })
    renameSync(unfinished, folder)
  } catch (error) {
    // Somebody else may have installed it meanwhile.
    if (!existsSync(installed)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return installed
}

async function install(folder: string, spec: string, { os, cpu }: Target): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
  const [program, ...args] = npm
  await run(program, [
    ...args,
    'install',
    `--prefix=${folder}`,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `--os=${os}`,
    `--cpu=${cpu}`,
    // npm applies these to optional dependencies only; for other packages it requires its own system.
    '--force',
    spec,
  ])
}

const npm = npmCommand()

/** Under npm, the path to npm is known. On Windows, a bare `npm` is not a program, but there is a script. */
function npmCommand(): [string, ...string[]] {
  const { npm_execpath: running } = process.env
  if (running?.endsWith('npm-cli.js')) return [process.execPath, running]
  if (process.platform !== 'win32') return ['npm']
  const folder = path.dirname(process.execPath)
  return [process.execPath, path.join(folder, 'node_modules/npm/bin/npm-cli.js')]
}
