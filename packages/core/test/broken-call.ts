import type { TestContext } from 'node:test'
import { type Addon, native } from '../src/socket/native.js'

/** Makes a call of the addon fail until it is restored. */
export function breakCall(t: TestContext, name: keyof Addon, errno: number) {
  let failed = 0
  const mock = t.mock.method(native, name, () => {
    failed++
    throw Object.assign(new Error(name), { errno, syscall: name })
  })
  return { failed: () => failed, restore: () => mock.mock.restore() }
}
