/** What a published package may contain and depend on. */
export interface PackageContract {
  name: string
  /** Its folder, relative to the repository's. */
  directory: string
  /** All packages that are installed with it. */
  dependencies: readonly string[]
  /** The framework that it is for. */
  peer?: string
  /** The name of its command. What programs import from it is secondary. */
  bin?: string
  /** The files that programs import, each of which has its types. */
  entries: readonly string[]
  /** The other files: what these share, what is started, what builds the addon from source. */
  further: readonly string[]
  /** What editors read. */
  schemas?: readonly string[]
  /** Whether it has the sources of the native addon. */
  native: boolean
  /** The largest allowed size of its tarball, in bytes. */
  budget: number
}

function adapter(peer: string, dependencies: readonly string[] = []): PackageContract {
  return {
    name: `@reuse/${peer}`,
    directory: `packages/${peer}`,
    dependencies: ['@reuse/core', ...dependencies],
    peer,
    entries: ['index'],
    further: [],
    native: false,
    budget: 20_000,
  }
}

export const core: PackageContract = {
  name: '@reuse/core',
  directory: 'packages/core',
  dependencies: ['node-gyp-build'],
  entries: ['index', 'group', 'register'],
  further: ['build', 'shared'],
  native: true,
  budget: 700_000,
}

export const cli: PackageContract = {
  name: '@reuse/cli',
  directory: 'packages/cli',
  dependencies: ['@reuse/core', 'cli-table3', 'log-update', 'pino', 'prom-client'],
  bin: 'reuse',
  entries: ['supervise'],
  // Files that only some verbs need are loaded only by those verbs.
  further: [
    ...[
      'main',
      'shared',
      'on-demand',
      'cluster/preload',
      'exec/helper',
      'threads/host',
      'threads/preload',
    ],
    ...['apps', 'screen', 'server', 'service'],
  ],
  schemas: ['reuse.config.schema.json'],
  native: false,
  budget: 460_000,
}

/** Every package that goes to npm. */
export const contracts: readonly PackageContract[] = [
  core,
  adapter('express'),
  adapter('fastify', ['fastify-plugin']),
  adapter('koa'),
  cli,
]

/** The packages that programs import. */
export const libraries = contracts.filter(({ bin }) => bin === undefined)
