/** The package as programs load it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** Runs a line of code inside this package, where its own name resolves, and gives what it prints. */
function evaluate(code: string, ...flags: string[]): string {
  const cwd = new URL('../..', import.meta.url)
  return execFileSync(process.execPath, [...flags, '-e', code], { cwd, encoding: 'utf8' }).trim()
}

const names =
  'ReuseError,capabilities,connect,defaultLeaveTimeout,explain,memberOf,peers,setReuse,shareServers,shareServersDuring'

test('import and require give the same names', () => {
  const print =
    'console.log(Object.keys(core).filter((name) => name !== "__esModule").sort().join())'
  assert.equal(evaluate(`const core = require('@reuse/core'); ${print}`), names)
  const imported = `const core = await import('@reuse/core'); ${print}`
  assert.equal(evaluate(imported, '--input-type=module'), names)
})

test('import and require give the same thing', () => {
  const compare = `import { createRequire } from 'node:module'
    import path from 'node:path'
    import { setReuse } from '@reuse/core'
    const require = createRequire(path.resolve('x.js'))
    console.log(require('@reuse/core').setReuse === setReuse)`
  assert.equal(evaluate(compare, '--input-type=module'), 'true')
})

test('register can be required as well', () => {
  const code = `require('@reuse/core/register')
    const server = require('node:net').createServer().listen(0, () => {
      console.log(require('@reuse/core').memberOf(server) !== undefined)
      server.close()
    })`
  assert.equal(evaluate(code), 'true')
})
