import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { succeed } from '../command.js'
import { root } from '../root.js'
import type { PackageContract } from './contracts.js'
import { openTarball, type PackedPackage } from './tarball.js'
import { toolFile } from './tools.js'

/** Packs a package as it is published: with pnpm, which replaces workspace ranges with real versions. */
export async function pack({ directory }: PackageContract, into: string): Promise<PackedPackage> {
  const pnpm = await toolFile('pnpm')
  const folder = path.join(into, path.basename(directory))
  mkdirSync(folder)
  await succeed([process.execPath, pnpm, 'pack', '--pack-destination', folder], {
    cwd: path.join(root, directory),
  })
  return openTarball(theTarball(folder))
}

/** Packs the same package as on a system that it has no binary for: without any binary. */
export async function packWithoutBinaries(packed: PackedPackage, into: string): Promise<string> {
  const copy = path.join(into, 'without-binaries')
  cpSync(packed.folder, copy, { recursive: true })
  rmSync(path.join(copy, 'prebuilds'), { recursive: true, force: true })
  await succeed([process.execPath, await toolFile('npm'), 'pack', '--ignore-scripts'], {
    cwd: copy,
  })
  return theTarball(copy)
}

function theTarball(folder: string): string {
  const [tarball] = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`no tarball was made in ${folder}`)
  return path.join(folder, tarball)
}
