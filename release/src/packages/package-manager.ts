import { installNode } from '@reuse/testkit'
import { type Project, write } from './project.js'
import { type Tool, toolFile, toolVersion } from './tools.js'
import type { World } from './world.js'

/** How to tell a package manager to add packages to a project, and to start their commands. */
export interface PackageManager {
  name: string
  tool: Tool
  /** The Node that it runs on, if it does not run on the oldest that is supported. */
  node?: string
  add: readonly string[]
  start: { tool: Tool; args: readonly string[] }
  /** The Node flags without which programs do not find the packages. */
  flags?: readonly string[]
  /** Why `require()` of a module cannot work with this package manager. */
  noRequire?: string
  /** Adds what it needs to find in the project first. */
  prepare?(project: Project, world: World): void
}

export const npm: PackageManager = {
  name: toolVersion('npm'),
  tool: 'npm',
  add: ['install'],
  start: { tool: 'npx', args: [] },
}

export const packageManagers: readonly PackageManager[] = [
  npm,
  {
    name: toolVersion('npm10'),
    tool: 'npm10',
    add: ['install'],
    start: { tool: 'npx10', args: [] },
  },
  {
    name: toolVersion('npm12'),
    tool: 'npm12',
    node: '24',
    add: ['install'],
    start: { tool: 'npx12', args: [] },
  },
  {
    name: `${toolVersion('npm')} with --ignore-scripts`,
    tool: 'npm',
    add: ['install', '--ignore-scripts'],
    start: { tool: 'npx', args: [] },
  },
  {
    name: toolVersion('pnpm'),
    tool: 'pnpm',
    add: ['add'],
    start: { tool: 'pnpm', args: ['exec'] },
  },
  {
    name: toolVersion('yarn1'),
    tool: 'yarn1',
    // A dependency of Fastify requires Node 22, but runs on 20.
    add: ['add', '--ignore-engines', '--no-progress', '--non-interactive'],
    start: { tool: 'yarn1', args: ['run'] },
  },
  {
    name: `${toolVersion('yarn4')} with node_modules`,
    tool: 'yarn4',
    add: ['add'],
    start: { tool: 'yarn4', args: ['run'] },
    prepare: (project, world) => configureYarn(project, world, 'nodeLinker: node-modules'),
  },
  {
    name: `${toolVersion('yarn4')} with Plug'n'Play`,
    tool: 'yarn4',
    add: ['add'],
    start: { tool: 'yarn4', args: ['run'] },
    flags: ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs'],
    noRequire: "Node 20's require() of a module does not ask the loader of Plug'n'Play",
    prepare: (project, world) =>
      configureYarn(project, world, 'nodeLinker: pnp\npnpEnableEsmLoader: true'),
  },
]

function configureYarn({ folder }: Project, { registry }: World, linker: string): void {
  // Without a lock file, Yarn looks for a project further up.
  write(folder, 'yarn.lock', '')
  const settings = [
    `npmRegistryServer: "${registry.url}"`,
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    'enableTelemetry: false',
    // Otherwise, Yarn would wait a day before it accepts what was published a moment ago.
    'npmMinimalAgeGate: 0',
    linker,
  ]
  write(folder, '.yarnrc.yml', `${settings.join('\n')}\n`)
}

/** The command that adds packages to a project. */
export async function addCommand(
  { tool, node, add }: PackageManager,
  packages: readonly string[],
): Promise<string[]> {
  return [await programOf(node), await toolFile(tool), ...add, ...packages]
}

/** The command line that starts a command of a package in the project. */
export async function startCommand(
  { start, node }: PackageManager,
  command: readonly string[],
): Promise<string[]> {
  return [await programOf(node), await toolFile(start.tool), ...start.args, ...command]
}

/** The executable of a Node version; without a version, that of this Node. */
async function programOf(version: string | undefined): Promise<string> {
  return version === undefined ? process.execPath : installNode(version)
}
