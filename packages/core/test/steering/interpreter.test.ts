/** The interpreter refuses what it should: otherwise the tests that rely on it prove nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, run } from './interpreter.js'
import { packet } from './packets.js'

const at = (code: number, k = 0, jt = 0, jf = 0) => ({ code, jt, jf, k })
const ret = at(0x06)

test('the interpreter refuses filters that the kernel refuses', () => {
  const refused: [string, ReturnType<typeof at>[]][] = [
    ['nothing', []],
    ['no return', [at(0x00)]],
    ['a jump out of it', [at(0x00), at(0x15, 0, 2, 0), ret]],
    ['a far jump out of it', [at(0x05, 1), ret]],
    ['a jump back, as a negative number', [at(0x05, -1), ret]],
    ['a jump that is not 8 bits', [at(0x00), at(0x15, 0, 256, 0), ret]],
    ['a number that is not 32 bits', [at(0x00, 2 ** 32), ret]],
    ['what nothing leads to', [ret, ret]],
    ['an unknown code', [at(0xff), ret]],
    ['division by 0', [at(0x00), at(0x94, 0), ret]],
    ['too far a shift', [at(0x00), at(0x74, 32), ret]],
    ['A never set', [at(0x16)]],
    ['X never set', [at(0x00), at(0xac), ret]],
    ['memory never set', [at(0x60, 3), ret]],
    ['memory set on one way only', [at(0x00), at(0x15, 0, 0, 1), at(0x02, 3), at(0x60, 3), ret]],
    ['memory that is not there', [at(0x00), at(0x02, 16), ret]],
  ]
  for (const [name, filter] of refused) assert.throws(() => check(filter), name)
  check([at(0x00), at(0x15, 0, 0, 1), at(0x02, 3), ret])
})

test('the interpreter refuses loads that the kernel would answer with 0', () => {
  const datagram = packet({ protocol: 'udp', source: '10.0.0.1', payload: [1, 2, 3] })
  assert.equal(run([at(0x30, 2), at(0x16)], datagram), 3)
  for (const load of [at(0x30, 3), at(0x28, 2), at(0x20, 0xffffff00), at(0x30, 0xffefffff)]) {
    assert.throws(() => run([load, at(0x16)], datagram), /not in the packet/)
  }
})

test('the interpreter computes in 32 bits', () => {
  const any = packet({ source: '10.0.0.1' })
  const start = at(0x00, 0xfffffffe)
  assert.equal(run([start, at(0x04, 3), at(0x16)], any), 1)
  assert.equal(run([start, at(0x24, 0xffffffff), at(0x16)], any), 2)
  assert.equal(run([start, at(0xa4, 1), at(0x16)], any), 0xffffffff)
  assert.equal(run([start, at(0x74, 1), at(0x16)], any), 0x7fffffff)
  assert.equal(run([start, at(0x94, 7), at(0x16)], any), 0xfffffffe % 7)
})
