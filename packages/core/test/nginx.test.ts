/** A stranger that many run: nginx with `reuseport`, in one group with members. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  countAnswers,
  type Fixture,
  freePort,
  needs,
  startFixture,
  startStorm,
} from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { peers } from '../src/index.js'
import { until } from './listening.js'
import { startMember } from './programs.js'

/** Starts nginx with two workers, each with its own listener on the port; it answers "nginx". */
async function startNginx(t: TestContext, port: number): Promise<Fixture | null> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
  } catch {
    t.skip('nginx is not installed')
    return null
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-nginx-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  const configuration = `
    worker_processes 2;
    pid ${folder}/pid;
    error_log ${folder}/error.log;
    events {}
    http {
      access_log off;
      server {
        listen 127.0.0.1:${port} reuseport;
        keepalive_timeout 0;
        location / { return 200 nginx; }
      }
    }`
  fs.writeFileSync(`${folder}/nginx.conf`, configuration)
  const args = ['nginx', '-p', folder, '-c', `${folder}/nginx.conf`, '-g', 'daemon off;']
  const nginx = startFixture(t, args)
  await until(() => fs.existsSync(`${folder}/pid`) || !nginx.running)
  assert.ok(nginx.running, nginx.output)
  return nginx
}

test('members join nginx, leave it, and nothing is lost', needs('steering', 'peers'), async (t) => {
  const port = await freePort()
  const nginx = await startNginx(t, port)
  if (nginx === null) return
  const members = [startMember(t, { port }), startMember(t, { port })]
  await Promise.all(members.map((member) => member.hear('ready')))
  assert.equal((await peers({ port })).length, 4)

  const counts = await countAnswers({ port }, 400)
  assert.equal(counts.size, 3)
  assert.ok((counts.get('nginx') ?? 0) > 0)

  const storm = await startStorm(t, { port })
  for (const member of members) {
    assert.equal((await member.ask<LeaveReport>('leave')).lossless, true)
  }
  assert.deepEqual((await storm.stop()).failed, {})
  assert.deepEqual([...(await countAnswers({ port }, 50))], [['nginx', 50]])
  assert.deepEqual(await nginx.end(), { code: 0, signal: null })
})

test('a weight counts beside nginx, whose listeners weigh 1 each', needs('steering'), async (t) => {
  const port = await freePort()
  const nginx = await startNginx(t, port)
  if (nginx === null) return
  const member = startMember(t, { port, reuse: { weight: 8 } })
  await member.hear('ready')
  let share = 0
  await until(async () => {
    const counts = await countAnswers({ port }, 200)
    share = (counts.get(String(member.pid)) ?? 0) / 200
    return Math.abs(share - 0.8) < 0.1
  })
  assert.deepEqual(await nginx.end(), { code: 0, signal: null })
})
