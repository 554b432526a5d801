/** The package as programs load it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { test } from 'node:test'
import { needs } from '@reuse/testkit'

/** Runs a line of code inside this package, where its own name resolves, and returns what it prints. */
function evaluate(code: string, ...flags: string[]): string {
  const cwd = new URL('../..', import.meta.url)
  return execFileSync(process.execPath, [...flags, '-e', code], { cwd, encoding: 'utf8' }).trim()
}

const names =
  'ReuseError,capabilities,connect,explain,memberOf,peers,setReuse,shareListen,shareServers,shareServersDuring'

test('import and require give the same names', () => {
  const print =
    'console.log(Object.keys(core).filter((name) => name !== "__esModule").sort().join())'
  assert.equal(evaluate(`const core = require('@reuse/core'); ${print}`), names)
  const imported = `const core = await import('@reuse/core'); ${print}`
  assert.equal(evaluate(imported, '--input-type=module'), names)
})

test('import and require give the same setReuse function', () => {
  const compare = `import { createRequire } from 'node:module'
    import path from 'node:path'
    import { setReuse } from '@reuse/core'
    const require = createRequire(path.resolve('x.js'))
    console.log(require('@reuse/core').setReuse === setReuse)`
  assert.equal(evaluate(compare, '--input-type=module'), 'true')
})

test('@reuse/core/register can be loaded with require()', () => {
  const code = `require('@reuse/core/register')
    const server = require('node:net').createServer().listen(0, () => {
      console.log(require('@reuse/core').memberOf(server) !== undefined)
      server.close()
    })`
  assert.equal(evaluate(code), 'true')
})

/** A program with two threads, made from a string, that listen on one port; it prints the outcome. */
const threads = `
  const { Worker } = require('node:worker_threads')
  const code = \`
    const { parentPort, workerData } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.on('error', ({ code }) => parentPort.postMessage(code))
    server.listen(workerData, '127.0.0.1', () => parentPort.postMessage(server.address().port))
  \`
  const listen = (port, done) =>
    new Worker(code, { eval: true, workerData: port }).once('message', done)
  listen(0, (port) => listen(port, (second) => {
    console.log(second === port ? 'shared' : second)
    process.exit()
  }))`

test('--require reaches threads made from a string; --import does not', needs('sharing'), () => {
  assert.equal(evaluate(threads, '--require', '@reuse/core/register'), 'shared')
  assert.equal(evaluate(threads, '--import', '@reuse/core/register'), 'EADDRINUSE')
})

test('NODE_OPTIONS with the full path reaches children in other folders', needs('sharing'), () => {
  const path = evaluate('console.log(JSON.stringify(require.resolve("@reuse/core/register")))')
  const options = { cwd: os.tmpdir(), encoding: 'utf8' } as const
  const run = (NODE_OPTIONS: string): string =>
    execFileSync(process.execPath, ['-e', threads], {
      ...options,
      // pnpm gives its scripts a path on which the package is found anywhere.
      env: { ...process.env, NODE_PATH: '', NODE_OPTIONS },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  assert.equal(run(`--require ${path}`), 'shared')
  assert.throws(() => run('--require @reuse/core/register'))
})
