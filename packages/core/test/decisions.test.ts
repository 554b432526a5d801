/** Which filter a group is to have, in cases that no other test covers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Census, decide, filterFor } from '../src/group/steering-decisions.js'
import type { GroupPolicy } from '../src/steering/policy.js'

const policies: GroupPolicy[] = ['hash', 'random', 'cpu', 'source-address']

for (const policy of policies) {
  test(`${policy}: no filter is chosen if all sockets are retiring or none is listed`, () => {
    for (const inodes of [[1, 2], []]) {
      const census: Census = {
        ...{ protocol: 'tcp', policy, inodes: new Set(inodes), weights: new Map([[1, 3]]) },
        ...{ orphans: new Set<number>(), retiring: new Set(inodes) },
      }
      const decision = decide(census)
      assert.equal(decision.choice, null)
      assert.equal(filterFor(census, decision, inodes), null)
    }
  })
}
