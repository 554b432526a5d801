/** What third-party tools say about the tarballs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../../command.js'
import { contracts } from '../contracts.js'
import { toolFile, toolVersion } from '../tools.js'
import { packedOf, type World } from '../world.js'

export function linterTests({ packed }: World): void {
  for (const { name } of contracts) {
    const { tarball } = packedOf(packed, name)

    test(`${toolVersion('publint')} finds nothing in ${name}`, async () => {
      await passes([await toolFile('publint'), 'run', tarball, '--strict'])
    })

    // `node16` leaves out the resolution of TypeScript before 4.7, which does not know `exports`. The
    // rule about modules for CommonJS is left out because every Node from 20.19 can require them.
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
