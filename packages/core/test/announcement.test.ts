/** Who joins others says so, once: two programs on one port by mistake would share in silence. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fixture, needs, startNode } from '@reuse/testkit'
import { until } from './listening.js'
import { fixtureFile, startPython } from './programs.js'

/** Longer than a member waits until it speaks, in milliseconds. */
const longEnough = 700

const needsHolders = needs('holders')

for (const { title, program, env, says } of [
  { title: 'another program', program: 'other-member.js', env: {}, says: true },
  { title: 'the same program', program: 'member.js', env: {}, says: true },
  {
    title: 'another program, in production',
    program: 'other-member.js',
    env: { NODE_ENV: 'production' },
    says: true,
  },
  {
    title: 'the same program, in production',
    program: 'member.js',
    env: { NODE_ENV: 'production' },
    says: false,
  },
  {
    title: 'another program, and silence is asked for',
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

test('a program without @reuse', needs('holders', 'python'), async (t) => {
  const python = startPython(t, 0, 'share')
  const { port } = await python.hear<{ port: number }>('ready')
  const args = [JSON.stringify({ host: '127.0.0.1', port })]
  const member = startNode(t, fixtureFile('member.js'), { args, env: { REUSE_QUIET: '0' } })
  await member.hear('ready')
  await until(() => member.output.includes(`(pid ${python.pid})`))
  assert.match(member.output, /^@reuse: shares 127\.0\.0\.1:\d+ with python3/)
})

test('workers of a cluster are meant to be several', needsHolders, async (t) => {
  const primary = startNode(t, fixtureFile('cluster.js'), { env: { REUSE_QUIET: '0' } })
  await primary.hear('ready')
  await delay(longEnough)
  assert.equal(primary.output, '')
})
