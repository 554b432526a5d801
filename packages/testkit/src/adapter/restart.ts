import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Fixture } from '../fixture.js'
import { type StormReport, startStorm } from '../storm.js'
import type { AdapterHarness } from './harness.js'
import { startGroup, startProgram } from './programs.js'

/** As many as there are members: each of them goes once. */
const members = 3
const clients = 16

/** What clients of either kind met. */
export interface RestartReport {
  /** Those with a new connection for every request. */
  newConnections: StormReport
  keepAlive: StormReport
}

/**
 * Replaces each member of a group once, one after the other, while clients send requests as fast
 * as they can.
 *
 * @param close closes one
 */
export async function restartUnderLoad<Listener>(
  harness: AdapterHarness<Listener>,
  t: TestContext,
  close: (program: Fixture) => Promise<unknown>,
): Promise<RestartReport> {
  const { port, programs } = await startGroup(harness, t, members)
  const newConnections = await startStorm(t, { port, clients })
  const keepAlive = await startStorm(t, { port, clients, keepAlive: true })
  for (let restart = 0; restart < members; restart++) {
    const oldest = programs.shift()
    assert.ok(oldest)
    await close(oldest)
    const next = startProgram(harness, t, { port })
    assert.equal(await next.hear('ready'), port)
    programs.push(next)
  }
  return { newConnections: await newConnections.stop(), keepAlive: await keepAlive.stop() }
}
