import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { keepTarballs } from '../publish/keep.js'
import { makeBarePath } from './bare-path.js'
import { contracts, core } from './contracts.js'
import { pack, packWithoutBinaries } from './pack.js'
import { type Registry, startRegistry } from './registry.js'
import type { PackedPackage } from './tarball.js'

/** Everything that the tests share: the packages as published, and a registry that has them. */
export interface World {
  /** Outside of the workspace; removed at the end. */
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
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove) // However this process ends.
  try {
    return await makeWorldIn(folder, remove)
  } catch (error) {
    remove()
    throw error
  }
}

async function makeWorldIn(folder: string, remove: () => void): Promise<World> {
  console.log('Packing')
  const tarballs = path.join(folder, 'tarballs')
  mkdirSync(tarballs)
  const packed = new Map<string, PackedPackage>()
  for (const contract of contracts) packed.set(contract.name, await pack(contract, tarballs))
  const files = [...packed.values()].map(({ tarball }) => tarball)
  keepTarballs(files)
  const coreFromSource = await packWithoutBinaries(packedOf(packed, core.name), tarballs)

  console.log('Publishing to a registry on loopback')
  const registry = await startRegistry(path.join(folder, 'registry'))
  try {
    for (const tarball of files) await registry.publish(tarball)
  } catch (error) {
    await registry.stop()
    throw error
  }
  const end = async (): Promise<void> => {
    await registry.stop()
    remove()
  }
  const barePath = makeBarePath(path.join(folder, 'bin'))
  return { folder, packed, coreFromSource, registry, barePath, end }
}

export function packedOf(packed: ReadonlyMap<string, PackedPackage>, name: string): PackedPackage {
  const found = packed.get(name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}
