import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical, formatAddress, overlap, sameAddress } from '../src/socket/address.js'

test('different spellings of one address count as the same', () => {
  assert.equal(canonical('0:0:0:0:0:0:0:1'), '::1')
  assert.equal(canonical('fe80::1%eth0'), 'fe80::1')
  assert.equal(canonical('127.0.0.1'), '127.0.0.1')
  assert.ok(sameAddress('::0', '::'))
  assert.ok(!sameAddress('::', '0.0.0.0'))
})

test('overlap() tells which addresses are in each other’s way', () => {
  const four = (address: string) => ({ address, family: 4, ipv6Only: false }) as const
  const six = (address: string, ipv6Only = false) => ({ address, family: 6, ipv6Only }) as const
  const together = [
    [four('127.0.0.1'), four('127.0.0.1')],
    [four('0.0.0.0'), four('127.0.0.1')],
    [six('::'), six('::1')],
    [six('::'), four('127.0.0.1')],
    [six('::'), four('0.0.0.0')],
  ] as const
  const apart = [
    [four('127.0.0.1'), four('127.0.0.2')],
    [six('::1'), four('127.0.0.1')],
    [six('::1'), four('0.0.0.0')],
    [six('::', true), four('0.0.0.0')],
    [six('::1'), six('::2')],
  ] as const
  for (const [one, other] of together) {
    assert.ok(overlap(one, other) && overlap(other, one), `${one.address} ${other.address}`)
  }
  for (const [one, other] of apart) {
    assert.ok(!overlap(one, other) && !overlap(other, one), `${one.address} ${other.address}`)
  }
})

test('formatAddress() puts an IPv6 address in brackets before the port', () => {
  assert.equal(formatAddress('127.0.0.1', 80), '127.0.0.1:80')
  assert.equal(formatAddress('::1', 80), '[::1]:80')
})
