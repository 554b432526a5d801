import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Fixture } from '../fixture.js'
import { type StormReport, startStorm } from '../storm.js'
import type { AdapterHarness } from './harness.js'
import { startGroup, startProgram } from './programs.js'

const members = 3
const clients = 16

/** What became of the requests of both kinds of clients. */
export interface RestartReport {
  /** Those with a new connection for every request. */
  newConnections: StormReport
  keepAlive: StormReport
}

/**
 * Replaces each member of a group once, one after the other, while clients send requests as fast
 * as they can.
 *
 * @param close closes one program
 */
export function restartUnderLoad<Listener>(
  harness: AdapterHarness<Listener>,
  t: TestContext,
  close: (program: Fixture) => Promise<unknown>,
): Promise<RestartReport> {
  return underLoad(harness, t, async (programs, port) => {
    for (const program of programs) {
      await close(program)
      assert.equal(await startProgram(harness, t, { port }).hear('ready'), port)
    }
  })
}

/** Does something to the programs of a group while clients send requests as fast as they can. */
export async function underLoad<Listener>(
  harness: AdapterHarness<Listener>,
  t: TestContext,
  act: (programs: Fixture[], port: number) => Promise<void>,
): Promise<RestartReport> {
  const { port, programs } = await startGroup(harness, t, members)
  const newConnections = await startStorm(t, { port, clients })
  const keepAlive = await startStorm(t, { port, clients, keepAlive: true })
  await act(programs, port)
  return { newConnections: await newConnections.stop(), keepAlive: await keepAlive.stop() }
}
