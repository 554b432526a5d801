/** What is in the tarballs. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { root } from '../../root.js'
import { contentFaults, permissionFaults } from '../contents.js'
import { contracts } from '../contracts.js'
import { manifestFaults } from '../manifest.js'
import { sourceMapFaults } from '../source-map.js'
import { packedOf, type World } from '../world.js'

export function contentTests({ packed }: World): void {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

  for (const contract of contracts) {
    const { name, directory, native, budget } = contract
    const { files, executables, folder, manifest, size } = packedOf(packed, name)

    test(`${name} has the files that it needs, and no other`, () => {
      const addon = native ? filesOf(path.join(root, directory, 'native')) : []
      assert.deepEqual(contentFaults(contract, files, addon), [])
    })

    test(`everybody may execute the programs of ${name}`, () => {
      assert.deepEqual(permissionFaults(contract, executables), [])
    })

    test(`${name} has a manifest that others can use`, () => {
      assert.deepEqual(manifestFaults(contract, manifest, engines.node), [])
    })

    test(`the source maps of ${name} have their sources`, () => {
      const maps = files.filter((file) => file.endsWith('.map'))
      assert.notEqual(maps.length, 0)
      const faults = maps.flatMap((file) =>
        sourceMapFaults(file, readFileSync(path.join(folder, file), 'utf8')),
      )
      assert.deepEqual(faults, [])
    })

    test(`${name} weighs at most ${budget} bytes packed`, (t) => {
      t.diagnostic(`${name}: ${size} bytes`)
      assert.ok(size <= budget, `${size} bytes`)
    })
  }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}
