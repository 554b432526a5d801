import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { installNode } from '@reuse/testkit'
import { insideOf } from '../debian/container.js'
import { debianRoot } from '../debian/root.js'
import { nodeLines } from '../node-lines.js'
import { root } from '../root.js'
import { cache } from './cache.js'
import { essential } from './essential.js'
import type { Host } from './host.js'

/** Its Wine 10 runs every Node; Wine 8 of Debian 12 runs none from 24 on. */
const release = 'trixie'

/** The line of Node that runs all of core's tests; the others run the essential ones. */
const all = '24'

/** Where Wine keeps its Windows: a separate folder, because it has no user's settings. */
const prefix = path.join(cache, 'wine')
const env = {
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  // Nothing for the user's menus, and no questions about .NET and a browser.
  WINEDLLOVERRIDES: 'winemenubuilder.exe,mscoree,mshtml=',
}

/** Node for Windows under Wine, in a separate Debian. */
export async function wineHosts(): Promise<Host[]> {
  const debian = await debianRoot([release], ['wine', 'wine64'])
  if ('reason' in debian) throw new Error(debian.reason)
  const wine = new Wine(debian.folder)
  const through = wine
    .run('wine', '--version')
    .trim()
    .replace(/^wine-/, 'Wine ')
    .replace(/ \(.*/, '')
  wine.prepare()
  const cleanUp = (): void => wine.end()
  process.once('exit', cleanUp)
  return Promise.all(
    nodeLines.map(async (node) => ({
      target: 'win32-x64',
      node,
      through,
      command: wine.commandOf('wine', await installNode(node, { os: 'win32', cpu: 'x64' })),
      env,
      lacks: {
        sharing: 'Wine refuses a second bind of a listener with SO_REUSEADDR (10013)',
        freshPorts: 'Wine gives port 0 of UDP a port that is shared',
      },
      ...(node === all ? {} : { only: essential }),
      leaveOut: {},
      cleanUp,
    })),
  )
}

/** The Wine of a Debian, with our prefix. */
class Wine {
  readonly #debian: string

  constructor(debian: string) {
    this.#debian = debian
  }

  /** The command that runs one of Wine's programs there, in the folder whose tests are run. */
  commandOf(program: string, ...args: string[]): [string, ...string[]] {
    const folder = path.join(root, 'packages/core')
    const mounts = [root, '/dev'].map((from) => ({ from, to: from.slice(1) }))
    return insideOf(this.#debian, mounts, ['env', '-C', folder, program, ...args])
  }

  run(program: string, ...args: string[]): string {
    const [command, ...rest] = this.commandOf(program, ...args)
    return execFileSync(command, rest, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 120_000,
    })
  }

  /** Makes the prefix, once; Node requires Windows 10. */
  prepare(): void {
    const ready = path.join(prefix, 'ready')
    if (existsSync(ready)) return
    console.log('Making a Windows for Wine')
    mkdirSync(prefix, { recursive: true })
    this.run('wineboot', '-i')
    this.run('winecfg', '-v', 'win10')
    writeFileSync(ready, '')
  }

  /** Ends what runs in our prefix, and nothing else. */
  end(): void {
    try {
      this.run('wineserver', '-k')
    } catch {
      // It fails if nothing runs there.
    }
  }
}
