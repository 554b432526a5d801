/** Commands that are about several apps at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '@reuse/testkit'
import { AppFolder, serverText, untilGone } from './apps.js'
import { needsLinux } from './programs.js'

/** Starts three apps of one config file; returns its path. */
async function startThree(folder: AppFolder): Promise<string> {
  const apps = []
  for (const name of ['a', 'b', 'c']) {
    folder.write(`${name}.cjs`, serverText(await freePort()))
    apps.push({ name, script: `${name}.cjs` })
  }
  const file = folder.write('reuse.config.json', JSON.stringify({ apps }))
  folder.run()
  for (const { name } of apps) await folder.untilReady(name, 1)
  return file
}

async function versionsOf(folder: AppFolder): Promise<number[]> {
  const all = await Promise.all(['a', 'b', 'c'].map((app) => folder.status(app)))
  return all.map(({ version }) => version)
}

test('several apps are reloaded one after the other', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const file = await startThree(folder)
  const both = await folder.command('reload', 'a', 'b', 'a')
  assert.deepEqual(both, {
    status: 0,
    stdout: 'app a is reloaded\napp b is reloaded\n',
    stderr: '',
  })
  assert.deepEqual(await versionsOf(folder), [2, 2, 1])
  const all = await folder.command('reload', '-c', file, '--json')
  assert.deepEqual([all.status, all.stderr], [0, ''])
  const results: { app: string; result: { worker: number }[] }[] = JSON.parse(all.stdout)
  assert.deepEqual(
    results.map(({ app, result }) => [app, result.length, result[0]?.worker]),
    [
      ['a', 1, 1],
      ['b', 1, 1],
      ['c', 1, 1],
    ],
  )
  assert.equal((await folder.command('reload', '-c', file, 'c')).status, 0)
  assert.deepEqual(await versionsOf(folder), [3, 3, 3])

  // The first app that fails ends the command.
  folder.write('b.cjs', `throw new Error('not so')`)
  const failed = await folder.command('reload', 'a', 'b', 'c')
  assert.deepEqual([failed.status, failed.stdout], [1, 'app a is reloaded\n'])
  assert.match(failed.stderr, /^reuse: app b: the reload has stopped[\s\S]*Error: not so/)
  assert.match(failed.stderr, /\nNothing was done to c\.\n$/)
  assert.deepEqual((await versionsOf(folder)).at(2), 3)

  // An app that does not run is noticed before anything is done.
  const unknown = await folder.command('reload', 'a', 'd')
  assert.deepEqual([unknown.status, unknown.stdout], [1, ''])
  assert.match(unknown.stderr, /app d is not running\. Running apps: a, b and c\./)
  assert.equal((await folder.status('a')).version, 4)
})

test('rollback and promote apply to canaries of several apps', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  await startThree(folder)
  assert.equal((await folder.command('reload', 'a', 'b', '--canary', '10%')).status, 0)
  const back = await folder.command('rollback', 'a', 'b', '--json')
  assert.deepEqual(JSON.parse(back.stdout), [{ app: 'a' }, { app: 'b' }])
  assert.equal((await folder.command('reload', 'b', 'c', '--canary', '10%')).status, 0)
  const promoted = await folder.command('promote', 'b', 'c')
  assert.equal(promoted.stdout.match(/is reloaded, and its canary has left/g)?.length, 2)
})

test('reuse stop takes several apps, and does nothing if one is unknown', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const file = await startThree(folder)
  const pids = await Promise.all(['a', 'b', 'c'].map((app) => folder.untilReady(app, 1)))
  const unknown = await folder.command('stop', 'a', 'd')
  assert.deepEqual([unknown.status, unknown.stdout], [1, ''])
  assert.match(unknown.stderr, /app d is not running/)
  const number = await folder.command('stop', 'a', 3000)
  assert.equal(number.status, 2)
  assert.match(number.stderr, /Several targets must all be apps, but 3000 is not an app/)
  const two = await folder.command('stop', 'a', 'b')
  assert.deepEqual(two, {
    status: 0,
    stdout: 'app a has stopped\napp b has stopped\n',
    stderr: '',
  })
  await untilGone(pids.slice(0, 2).flat())
  const third = await folder.command('stop', '-c', file, 'c', '--json')
  assert.deepEqual(JSON.parse(third.stdout), { app: 'c', stopped: true })
  await untilGone(pids.flat())
})
