import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { installNode } from '@reuse/testkit'
import { cache } from './cache.js'
import { essential } from './essential.js'
import type { Host } from './host.js'

/** Node 24 and later want a newer Wine than Debian has. */
const lines = ['20', '22'] as const

/** The line of Node that runs all of core's tests; the other runs the essential ones. */
const all = '22'

/** Where Wine keeps its Windows: a folder of our own, for nobody's settings are in it. */
const prefix = path.join(cache, 'wine')
const env = {
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  // Nothing for the user's menus, and no questions about .NET and a browser.
  WINEDLLOVERRIDES: 'winemenubuilder.exe,mscoree,mshtml=',
}

/** Wine's server, which holds every process of the prefix; Debian keeps it out of PATH. */
const server = '/usr/lib/wine/wineserver'

/** Node for Windows under Wine. Needs the packages of debian.ts. */
export async function wineHosts(): Promise<Host[]> {
  const through = wine('--version')
    .trim()
    .replace(/^wine-/, 'Wine ')
    .replace(/ \(.*/, '')
  prepare()
  process.once('exit', endWine)
  const hosts: Host[] = []
  for (const node of lines) {
    const program = await installNode(node, { os: 'win32', cpu: 'x64' })
    hosts.push({
      target: 'win32-x64',
      node,
      through,
      command: ['wine', program],
      env,
      lacks: {
        sharing: 'Wine refuses a second bind of a listener with SO_REUSEADDR (10013)',
        freshPorts: 'Wine gives port 0 of UDP a port that is shared',
      },
      ...(node === all ? {} : { only: essential }),
      leaveOut: {},
      cleanUp: endWine,
    })
  }
  return hosts
}

/** Ends what runs in our prefix, and nothing else. */
function endWine(): void {
  try {
    execFileSync(server, ['-k'], { env: { ...process.env, ...env }, stdio: 'ignore' })
  } catch {
    // It says so when nothing runs there.
  }
}

/** Makes the prefix, once; Node wants a Windows 10. */
function prepare(): void {
  const ready = path.join(prefix, 'ready')
  if (existsSync(ready)) return
  console.log('Making a Windows for Wine')
  mkdirSync(prefix, { recursive: true })
  wine('wineboot', '-i')
  wine('winecfg', '-v', 'win10')
  writeFileSync(ready, '')
}

function wine(...args: string[]): string {
  return execFileSync('wine', args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 120_000,
  })
}
