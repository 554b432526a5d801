import type { TestContext } from 'node:test'
import { type Addon, native } from '../src/socket/native.js'

/** Lets a call of the addon fail until it is given back. */
export function breakCall(t: TestContext, name: keyof Addon, errno: number) {
  let failed = 0
  const mock = t.mock.method(native, name, () => {
    failed++
    throw Object.assign(new Error(name), { errno, syscall: name })
  })
  return { failed: () => failed, restore: () => mock.mock.restore() }
}
