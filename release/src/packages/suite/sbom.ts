/** What is in the packages, and what is installed with them: the SBOMs that are part of a release. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { keepSbom } from '../../publish/keep.js'
import { makeSbom } from '../../publish/sbom.js'
import { contracts } from '../contracts.js'
import { packedOf, type World } from '../world.js'

export function sbomTests({ folder, packed, registry }: World): void {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5)

  for (const { name, directory, dependencies, bin, peer } of contracts) {
    test(`the SBOM of ${name} says what is installed with it`, async () => {
      const one = packedOf(packed, name)
      const sbom = await makeSbom(
        one,
        registry.url,
        path.join(folder, `sbom-${path.basename(directory)}`),
      )
      const text = `${JSON.stringify(sbom, null, 2)}\n`

      assert.equal(await validator.validate(text), null)
      const { component } = sbom.metadata
      assert.equal(component.name, name)
      const hash = createHash('sha512').update(readFileSync(one.tarball)).digest('hex')
      assert.deepEqual(component.hashes, [{ alg: 'SHA-512', content: hash }])

      const listed = new Map(sbom.components.map((part) => [part['bom-ref'], part.name]))
      const own = sbom.dependencies.find(({ ref }) => ref === component['bom-ref'])
      const direct = own?.dependsOn.map((ref) => listed.get(ref))
      const linked = bin === undefined ? [] : ['musl', 'commander']
      assert.deepEqual(direct?.sort(), [...dependencies, ...linked].sort())
      assert.ok(![...listed.values()].includes(peer ?? 'typescript'))
      assert.ok(!text.includes('127.0.0.1') && !text.includes(folder), text)
      keepSbom(text, one.tarball)
    })
  }
}
