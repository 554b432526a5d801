/** Windows reports EACCES both for a port that it reserves and for one that a socket has. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainReserved } from '../src/inspect/explanation.js'
import type { Endpoint } from '../src/socket/address.js'
import { isReservedPort } from '../src/socket/reserved-port.js'
import { failure, listening, sharedServer } from './listening.js'

const specific: Endpoint = {
  protocol: 'tcp',
  address: '127.0.0.1',
  family: 4,
  ipv6Only: false,
  port: 3000,
}
const anywhere: Endpoint = { ...specific, address: '::', family: 6 }
const onlySix: Endpoint = { ...anywhere, ipv6Only: true }

/** Answers as Windows answers an exclusive bind of each wildcard; notes what was tried. */
function ask(bind: Endpoint, answers: Record<string, string | null>) {
  const tried: Endpoint[] = []
  const isReserved = isReservedPort(bind, (one) => {
    tried.push(one)
    const answer = answers[one.address]
    assert.notEqual(answer, undefined, `nothing else than ${one.address} is asked about`)
    return answer ?? null
  })
  return { isReserved, tried }
}

test('a port that is refused to every socket is reserved', () => {
  const { isReserved, tried } = ask(specific, { '0.0.0.0': 'EACCES' })
  assert.equal(isReserved, true)
  assert.deepEqual(tried, [{ ...specific, address: '0.0.0.0' }])
})

test('a port that a socket has, or had a moment ago, is not reserved', () => {
  for (const answer of ['EADDRINUSE', null]) {
    assert.equal(ask(specific, { '0.0.0.0': answer }).isReserved, false, `${answer}`)
  }
})

test('a dual-stack bind counts as reserved if IPv4 or IPv6 is', () => {
  for (const [six, four, expected] of [
    ['EACCES', null, true],
    [null, 'EACCES', true],
    ['EADDRINUSE', 'EACCES', true],
    ['EADDRINUSE', null, false],
    [null, 'EADDRINUSE', false],
  ] as const) {
    const answers = { '::': six, '0.0.0.0': four }
    assert.equal(ask(anywhere, answers).isReserved, expected, `${six} ${four}`)
  }
  // Each family alone: with a dual-stack socket, Windows would say EACCES for a socket in the way.
  const { tried } = ask(anywhere, { '::': null, '0.0.0.0': null })
  assert.ok(tried.every(({ family, ipv6Only }) => family === 4 || ipv6Only))
})

test('an IPv6-only bind does not depend on whether IPv4 is reserved', () => {
  for (const bind of [onlySix, { ...anywhere, address: '::1' }]) {
    assert.equal(ask(bind, { '::': null }).isReserved, false)
    assert.equal(ask(bind, { '::': 'EACCES' }).isReserved, true)
  }
})

test('the explanation names the netsh command that lists the reserved ranges', () => {
  const adviceOf = (bind: Endpoint): string => explainReserved({ ...bind, asked: 'sharing' }).advice
  assert.match(adviceOf(specific), /`netsh interface ipv4 show excludedportrange protocol=tcp`/)
  assert.doesNotMatch(adviceOf(specific), /ipv6/)
  assert.match(adviceOf(anywhere), /interface ipv6 show .* and .*interface ipv4 show /)
  assert.doesNotMatch(adviceOf(onlySix), /ipv4/)
  assert.match(adviceOf({ ...specific, protocol: 'udp' }), /protocol=udp/)
  const { summary, reason } = explainReserved({ ...specific, asked: 'nothing' })
  assert.equal(reason, 'reserved-port')
  assert.match(summary, /port 3000/)
})

test('beside an exclusive listener the error is still EADDRINUSE', async (t) => {
  const alone = sharedServer(t, { exclusive: true }).server
  alone.listen(0, '127.0.0.1')
  const { server } = sharedServer(t)
  server.listen(await listening(alone), '127.0.0.1')
  const { code, hint = '' } = await failure(server)
  assert.equal(code, 'EADDRINUSE')
  assert.doesNotMatch(hint, /reserved range/)
})
