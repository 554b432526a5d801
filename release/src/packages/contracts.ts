/** What a published package may contain and depend on. */
export interface PackageContract {
  name: string
  /** Where it stands, from the repository's folder. */
  directory: string
  /** All that is installed with it. */
  dependencies: readonly string[]
  /** The framework that it is for. */
  peer?: string
  /** Whether it has the native addon, from source and prebuilt. */
  native: boolean
  /** The most that its tarball may weigh, in bytes. */
  budget: number
}

function adapter(peer: string, dependencies: readonly string[] = []): PackageContract {
  return {
    name: `@reuse/${peer}`,
    directory: `packages/${peer}`,
    dependencies: ['@reuse/core', ...dependencies],
    peer,
    native: false,
    budget: 20_000,
  }
}

export const core: PackageContract = {
  name: '@reuse/core',
  directory: 'packages/core',
  dependencies: ['node-gyp-build'],
  native: true,
  budget: 700_000,
}

/** Every package that goes to npm. */
export const contracts: readonly PackageContract[] = [
  core,
  adapter('express'),
  adapter('fastify', ['fastify-plugin']),
  adapter('koa'),
]
