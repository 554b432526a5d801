import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { keepTarballs } from '../publish/keep-tarballs.js'
import { root } from '../root.js'
import { makeBarePath } from './bare-path.js'
import { contracts, core } from './contracts.js'
import { pack, packWithoutBinaries } from './pack.js'
import { type Registry, startRegistry } from './registry.js'
import type { PackedPackage } from './tarball.js'

/** All that the tests share: the packages as published, and a registry that has them. */
export interface World {
  /** Outside of the workspace, and gone in the end. */
  folder: string
  packed: ReadonlyMap<string, PackedPackage>
  /** Core's tarball without any prebuilt binary. */
  coreFromSource: string
  registry: Registry
  /** A PATH without a compiler. */
  barePath: string
  end(): Promise<void>
}

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'reuse-packages-'))
  const packed = new Map<string, PackedPackage>()
  const tarballs = path.join(folder, 'tarballs')
  mkdirSync(tarballs)
  for (const contract of contracts) packed.set(contract.name, await pack(contract, tarballs))
  const { KEEP_TARBALLS } = process.env
  if (KEEP_TARBALLS) {
    const files = [...packed.values()].map(({ tarball }) => tarball)
    keepTarballs(files, path.resolve(root, KEEP_TARBALLS))
  }
  const coreFromSource = await packWithoutBinaries(packedOf(packed, core.name), tarballs)
  const registry = await startRegistry(path.join(folder, 'registry'))
  try {
    for (const { tarball } of packed.values()) await registry.publish(tarball)
  } catch (error) {
    await registry.stop()
    throw error
  }
  return {
    folder,
    packed,
    coreFromSource,
    registry,
    barePath: makeBarePath(path.join(folder, 'bin')),
    async end() {
      await registry.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function packedOf(packed: ReadonlyMap<string, PackedPackage>, name: string): PackedPackage {
  const found = packed.get(name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}
