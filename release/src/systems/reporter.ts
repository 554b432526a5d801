/**
 * A reporter for Node's own test runner that runs inside the Node under test: a line of JSON for
 * each test. It imports nothing, so that it starts quickly in an emulator.
 */
import type { TestEvent } from 'node:test/reporters'
import type { Outcome } from './outcome.js'

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.details.type === 'suite') continue
    yield `${JSON.stringify(outcomeOf(type, data))}\n`
  }
}

function outcomeOf(
  type: 'test:pass' | 'test:fail',
  { name, skip, details }: { name: string; skip?: string | boolean; details: object },
): Outcome {
  if (skip !== undefined && skip !== false) {
    return { result: 'skipped', test: name, why: typeof skip === 'string' ? skip : '' }
  }
  if (type === 'test:pass') return { result: 'passed', test: name }
  return { result: 'failed', test: name, why: 'error' in details ? textOf(details.error) : '' }
}

/** The runner wraps what a test throws. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.message
}
