import { describe } from 'node:test'
import { groupTests } from './adapter/group-tests.js'
import type { AdapterHarness } from './adapter/harness.js'
import { leaveTests } from './adapter/leave-tests.js'
import { listenTests } from './adapter/listen-tests.js'

/** The contract of every adapter, tested on one version of its framework. */
export function adapterContract<Listener>(name: string, harness: AdapterHarness<Listener>): void {
  describe(name, () => {
    describe('listen', () => listenTests(harness))
    describe('group', () => groupTests(harness))
    describe('leave', () => leaveTests(harness))
  })
}
