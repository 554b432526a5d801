import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { World } from './world.js'

/** A folder outside of the workspace into which packages are installed. */
export interface Project {
  folder: string
  /** Its whole environment: nothing of this machine's environment except what is named here. */
  env: Record<string, string>
}

/** An empty project that installs from the local registry, with no compiler on its PATH. */
export function emptyProject(world: World): Project {
  const folder = mkdtempSync(path.join(world.folder, 'project-'))
  const home = path.join(world.folder, 'home')
  mkdirSync(home, { recursive: true })
  // As `npm init -y` makes it.
  write(folder, 'package.json', '{ "name": "app", "version": "1.0.0", "type": "commonjs" }\n')
  write(folder, '.npmrc', `registry=${world.registry.url}\naudit=false\nfund=false\n`)
  return { folder, env: { PATH: world.barePath, HOME: home, npm_config_update_notifier: 'false' } }
}

export function write(folder: string, file: string, text: string): void {
  writeFileSync(path.join(folder, file), text)
}
