import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { succeed } from '../command.js'
import { root } from '../root.js'
import { toolFile } from './tools.js'

/** The last version that runs on Node 20. */
const version = '6.8.0'

/** The program of a registry, installed on the first call. */
export async function verdaccioFile(): Promise<string> {
  const folder = path.join(root, `node_modules/.cache/verdaccio-${version}`)
  // npm writes this file when all others are there.
  if (!existsSync(path.join(folder, 'node_modules/.package-lock.json'))) {
    console.log(`Installing verdaccio ${version}`)
    mkdirSync(folder, { recursive: true })
    const manifest = {
      private: true,
      dependencies: { verdaccio: version },
      // Its audit plugin, which is not used here, depends on a tag (`cjs`) and not on a version, and
      // not every mirror of npm has the tags.
      overrides: { 'verdaccio-audit': { 'node-fetch': '^2.7.0' } },
    }
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
    const npm = await toolFile('npm')
    await succeed(
      [process.execPath, npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: folder },
    )
  }
  return path.join(folder, 'node_modules/verdaccio/bin/verdaccio')
}
