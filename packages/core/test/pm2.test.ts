/** Inside PM2's cluster mode: every process holds the port by itself, PM2's daemon does not. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { countAnswers, freePort, needs } from '@reuse/testkit'
import { peers } from '../src/index.js'

import { fixtureFile } from './programs.js'

const pm2 = createRequire(import.meta.url).resolve('pm2/bin/pm2')

test('three processes of PM2 in cluster mode', needs('balance', 'peers'), async (t) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-pm2-'))
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [pm2, ...args], {
      env: { ...process.env, PM2_HOME: home },
      encoding: 'utf8',
    })
  t.after(() => {
    run('kill')
    fs.rmSync(home, { recursive: true })
  })

  const port = await freePort()
  const program = fileURLToPath(fixtureFile('pm2-program.js'))
  run('start', program, '--instances', '3', '--wait-ready', '--', String(port))

  const counts = await countAnswers({ port }, 300)

  const processes: { pid: number }[] = JSON.parse(run('jlist'))
  const pids = processes.map(({ pid }) => pid)
  assert.deepEqual(new Set(counts.keys()), new Set(pids.map(String)))
  assert.deepEqual(new Set((await peers({ port })).map(({ pid }) => pid)), new Set(pids))
})
