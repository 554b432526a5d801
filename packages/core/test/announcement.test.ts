/** A program that joins others says so, once: two programs on one port by mistake would share silently. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fixture, needs, startNode } from '@reuse/testkit'
import { until } from './listening.js'
import { fixtureFile, startPython } from './programs.js'

/** Longer than a member waits before it says so, in milliseconds. */
const longEnough = 700

const needsHolders = needs('holders')

for (const { title, program, env, says } of [
  { title: 'joining another program is logged', program: 'other-member.js', env: {}, says: true },
  { title: 'joining the same program is logged', program: 'member.js', env: {}, says: true },
  {
    title: 'joining another program is logged in production too',
    program: 'other-member.js',
    env: { NODE_ENV: 'production' },
    says: true,
  },
  {
    title: 'joining the same program is not logged in production',
    program: 'member.js',
    env: { NODE_ENV: 'production' },
    says: false,
  },
  {
    title: 'joining another program is not logged with REUSE_QUIET',
    program: 'other-member.js',
    env: { REUSE_QUIET: '1' },
    says: false,
  },
]) {
  test(title, needsHolders, async (t) => {
    const start = (file: string, port: number, more: NodeJS.ProcessEnv): Fixture => {
      const args = [JSON.stringify({ host: '127.0.0.1', port })]
      return startNode(t, fixtureFile(file), {
        args,
        env: { NODE_ENV: undefined, REUSE_QUIET: '0', ...more },
      })
    }
    const first = start('member.js', 0, {})
    const { port } = await first.hear<AddressInfo>('ready')
    const second = start(program, port, env)
    await second.hear('ready')
    const line = `@reuse: shares 127.0.0.1:${port} with node ${fixtureFile('member.js').pathname} (pid ${first.pid})\n`
    if (says) await until(() => second.output !== '')
    else await delay(longEnough)
    assert.equal(second.output, says ? line : '')
    assert.equal(first.output, '')
  })
}

test('joining a program without @reuse is logged', needs('holders', 'python'), async (t) => {
  const python = startPython(t, 0, 'share')
  const { port } = await python.hear<{ port: number }>('ready')
  const args = [JSON.stringify({ host: '127.0.0.1', port })]
  const member = startNode(t, fixtureFile('member.js'), { args, env: { REUSE_QUIET: '0' } })
  await member.hear('ready')
  await until(() => member.output.includes(`(pid ${python.pid})`))
  assert.match(member.output, /^@reuse: shares 127\.0\.0\.1:\d+ with python3/)
})

test('workers of a cluster do not log that they share', needsHolders, async (t) => {
  const primary = startNode(t, fixtureFile('cluster.js'), { env: { REUSE_QUIET: '0' } })
  await primary.hear('ready')
  await delay(longEnough)
  assert.equal(primary.output, '')
})
