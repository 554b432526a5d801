/** Inside PM2's cluster mode: every process holds the port by itself, PM2's daemon does not. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { countAnswers, freePort, needs } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { until } from './listening.js'
import { fixtureFile } from './programs.js'

const pm2 = createRequire(import.meta.url).resolve('pm2/bin/pm2')

for (const ready of ['--wait-ready', 'without --wait-ready']) {
  test(`PM2 cluster processes share a port, ${ready}`, needs('balance', 'peers'), async (t) => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-pm2-'))
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, [pm2, ...args], {
        env: { ...process.env, PM2_HOME: home },
        encoding: 'utf8',
        timeout: 60_000,
      })
    t.after(() => {
      run('kill')
      fs.rmSync(home, { recursive: true })
    })
    const list = (): number[] =>
      JSON.parse(run('jlist')).map(({ pid }: { pid: number }): number => pid)

    const port = await freePort()
    const program = fileURLToPath(fixtureFile('pm2-program.js'))
    // Longer than the test: what PM2 waits for has to come.
    const options = ['--instances', '3', '--listen-timeout', '100000']
    if (ready === '--wait-ready') options.push(ready)
    run('start', program, ...options, '--', String(port))
    const first = list()
    await until(() => serves(port, first))

    run('reload', 'all')
    const second = list()
    assert.equal(new Set([...first, ...second]).size, 6)
    await until(() => serves(port, second))
    const counts = await countAnswers({ port }, 300)
    assert.deepEqual(new Set(counts.keys()), new Set(second.map(String)))
  })
}

/** Whether these processes, and no others, have a listener on the port. PM2 may not wait for that. */
async function serves(port: number, pids: readonly number[]): Promise<boolean> {
  const serving = (await peers({ port })).filter(({ orphan }) => !orphan)
  return isDeepStrictEqual(new Set(serving.map(({ pid }) => pid)), new Set(pids))
}
