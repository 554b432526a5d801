import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Fixture, freePort, request, startFixture } from '@reuse/testkit'

/** How long it may take until both have started and answered. */
const patience = 30_000

/**
 * Starts a program twice on one port, and waits until both have answered with their process id.
 *
 * @param command returns the whole command for a port
 * @param ask resolves with an answer from either program
 * @returns both programs, which end with the test at the latest
 */
export async function serveFromTwo(
  t: TestContext,
  command: (port: number) => string[],
  ask: (port: number) => Promise<string> = (port) => request({ port }),
): Promise<Fixture[]> {
  const port = await freePort()
  const programs = [0, 1].map(() => startFixture(t, command(port)))
  const silent = new Set(programs)
  const deadline = AbortSignal.timeout(patience)
  while (silent.size > 0) {
    const outputs = programs.map(({ output }) => output).join('\n')
    assert.ok(!deadline.aborted, `${silent.size} of 2 did not answer:\n${outputs}`)
    assert.ok(programs.every(isRunning), `one has ended:\n${outputs}`)
    const answer = await ask(port).catch(() => setTimeout(20, '')) // Not listening yet.
    for (const program of silent) {
      if (new RegExp(`\\b${program.pid}\\b`).test(answer)) silent.delete(program)
    }
  }
  return programs
}

function isRunning({ running }: Fixture): boolean {
  return running
}

/** Runs a command with this environment and no other. */
export function withOnly(env: Record<string, string>, command: readonly string[]): string[] {
  return [
    'env',
    '-i',
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...command,
  ]
}
