/** What is published: few files that load little of Node, and nothing twice. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bundle = path.join(root, 'dist/bundle')

/** Runs a module inside this package, where its own name resolves, and returns what it prints. */
function evaluate(code: string, ...flags: string[]): string {
  const options = { cwd: root, encoding: 'utf8' } as const
  return execFileSync(process.execPath, ['--input-type=module', ...flags, '-e', code], options)
}

function read(file: string): string {
  return fs.readFileSync(path.join(bundle, file), 'utf8')
}

test('each entry point is one file that imports only shared.js', () => {
  const files = fs.readdirSync(bundle).filter((file) => file.endsWith('.js'))
  assert.deepEqual(files.sort(), ['build.js', 'group.js', 'index.js', 'register.js', 'shared.js'])
  for (const file of files) {
    const imported = [...read(file).matchAll(/^(?:import|export) .*?'(\..*?)'/gm)]
    const own = file === 'build.js' || file === 'shared.js' ? [] : ['./shared.js']
    assert.deepEqual(new Set(imported.map(([, name]) => name)), new Set(own), file)
  }
})

test('the types of each entry point are one file', () => {
  const files = fs.readdirSync(bundle).filter((file) => file.endsWith('.d.ts'))
  assert.deepEqual(files.sort(), ['group.d.ts', 'index.d.ts', 'register.d.ts'])
  for (const file of files) assert.doesNotMatch(read(file), /from '\.|import\('\./)
})

// V8 stores a source with one character beyond Latin-1 in two bytes a character, and compiles it
// more slowly.
test('every bundled source is Latin-1, with one byte per character', () => {
  for (const file of ['group.js', 'index.js', 'register.js', 'shared.js']) {
    assert.deepEqual(read(file).match(/[^\0-\xff]/g), null, file)
  }
})

test('the source map names the sources and contains their text', () => {
  const { sources, sourcesContent } = JSON.parse(read('shared.js.map'))
  const index = sources.indexOf('../../src/socket/native.ts')
  const file = fs.readFileSync(path.join(root, 'src/socket/native.ts'), 'utf8')
  assert.equal(sourcesContent[index], file)
})

test('importing an entry point loads no Node module that a server does not need', () => {
  for (const entry of ['@reuse/core', '@reuse/core/group', '@reuse/core/register']) {
    const loaded = evaluate(`import 'node:http'
      const before = new Set(process.moduleLoadList)
      await import('${entry}')
      console.log(process.moduleLoadList.filter((name) => !before.has(name)).join('\\n'))`)
    assert.match(loaded, /NativeModule module/)
    for (const name of ['child_process', 'cluster', 'dgram', 'dns', 'os', 'worker_threads']) {
      assert.doesNotMatch(loaded, new RegExp(`^NativeModule ${name}$`, 'm'), entry)
    }
  }
})

test('memberOf() of the package knows a server that register has shared', () => {
  const code = `import net from 'node:net'
    import { memberOf } from '@reuse/core'
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      console.log(memberOf(server)?.address()?.port === server.address().port)
      server.close()
    })`
  assert.equal(evaluate(code, '--import', '@reuse/core/register'), 'true\n')
  assert.equal(evaluate(code), 'false\n')
})
