/** What others' tools say of the tarballs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../../command.js'
import { contracts } from '../contracts.js'
import { toolFile, toolVersion } from '../tools.js'
import { packedOf, type World } from '../world.js'

export function linterTests({ packed }: World): void {
  for (const { name, bin } of contracts) {
    const { tarball } = packedOf(packed, name)

    test(`${toolVersion('publint')} finds nothing in ${name}`, async () => {
      await passes([await toolFile('publint'), 'run', tarball, '--strict'])
    })

    if (bin !== undefined) continue // Nobody imports it.
    // `node16` leaves out the resolution of TypeScript before 4.7, which knows no `exports`. The
    // rule about modules for CommonJS is left out since every Node from 20.19 loads them by require.
    test(`${toolVersion('attw')} finds the types of ${name}`, async () => {
      const rules = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']
      await passes([await toolFile('attw'), tarball, ...rules, '--no-emoji'])
    })
  }
}

async function passes(program: string[]): Promise<void> {
  const { status, output } = await run([process.execPath, ...program])
  assert.equal(status, 0, output)
}
