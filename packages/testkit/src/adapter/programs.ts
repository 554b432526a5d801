/** The programs of the contract, as a test starts them. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Fixture, startNode } from '../fixture.js'
import type { AdapterHarness } from './harness.js'
import type { ProgramSettings } from './program.js'

const host = '127.0.0.1'

export function startProgram<Listener>(
  harness: AdapterHarness<Listener>,
  t: TestContext,
  settings: Partial<ProgramSettings>,
): Fixture {
  const all = { port: 0, host, options: {}, ...settings }
  return startNode(t, harness.program, { args: [JSON.stringify(all)] })
}

/** The first finds a port, the others join it. */
export async function startGroup<Listener>(
  harness: AdapterHarness<Listener>,
  t: TestContext,
  size: number,
) {
  const first = startProgram(harness, t, {})
  const port = await first.hear<number>('ready')
  const others = Array.from({ length: size - 1 }, () => startProgram(harness, t, { port }))
  for (const other of others) assert.equal(await other.hear('ready'), port)
  return { port, programs: [first, ...others] }
}
