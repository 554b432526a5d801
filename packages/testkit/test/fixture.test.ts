import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Fixture, startFixture, startNode } from '@reuse/testkit'

function evaluate(t: TestContext, code: string): Fixture {
  return startFixture(t, [process.execPath, '-e', code])
}

test('a fixture reports its exit code', async (t) => {
  const fixture = evaluate(t, 'process.exit(3)')

  assert.deepEqual(await fixture.exit(), { code: 3, signal: null })
  assert.equal(fixture.running, false)
})

test('a fixture reports the signal that ended it', async (t) => {
  const fixture = evaluate(t, 'setInterval(() => {}, 1000)')

  assert.equal(fixture.running, true)
  assert.deepEqual(await fixture.end('SIGKILL'), { code: null, signal: 'SIGKILL' })
  assert.deepEqual(await fixture.end(), { code: null, signal: 'SIGKILL' })
})

test('a fixture’s messages are heard by name, each once; the rest is output', async (t) => {
  const fixture = evaluate(
    t,
    `console.log('{"ready": 1}')
     console.log('a line')
     console.error('an error')
     console.log('{"count": 1}')
     console.log('{"count": 2}')`,
  )

  assert.equal(await fixture.hear('count'), 1)
  assert.equal(await fixture.hear('ready'), 1)
  assert.equal(await fixture.hear('count'), 2)
  await fixture.exit()
  assert.deepEqual(fixture.output.trim().split('\n').sort(), ['a line', 'an error'])
})

test('a child that ends early fails the wait at once, with what it printed', async (t) => {
  const fixture = evaluate(t, `console.error('no such table'); process.exitCode = 1`)

  await assert.rejects(fixture.hear('ready'), {
    message: 'it ended before it said "ready":\nno such table\n',
  })
})

test('a message sent just before the exit is heard', async (t) => {
  const fixture = evaluate(t, `console.log('{"last": "words"}')`)
  await fixture.exit()

  assert.equal(await fixture.hear('last'), 'words')
})

test('a fixture answers commands, and ends when its input is gone', async (t) => {
  const fixture = startNode(t, new URL('./fixtures/echo.js', import.meta.url))
  await fixture.hear('ready')

  assert.deepEqual(await fixture.ask('echo', { some: 'thing' }), { some: 'thing' })
  fixture.tell('forget')

  assert.deepEqual(await fixture.exit(), { code: 0, signal: null })
})

test('an unknown command ends a fixture', async (t) => {
  const fixture = startNode(t, new URL('./fixtures/echo.js', import.meta.url))
  await fixture.hear('ready')

  await assert.rejects(fixture.ask('eho'), /no such command: eho/)

  assert.deepEqual(await fixture.exit(), { code: 1, signal: null })
})

test('a fixture ends with the test that started it', async (t) => {
  let fixture: Fixture | undefined
  await t.test('a test', (inner) => {
    fixture = evaluate(inner, 'setInterval(() => {}, 1000)')
  })

  assert.equal(fixture?.running, false)
})
