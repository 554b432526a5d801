/** What the command loads: that takes most of its startup time. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { command, needsLinux } from './programs.js'

/** Stands in for process.execve(), which replaces Node with the launcher and which this version may lack. */
const tellsWhatIsLoaded = `data:text/javascript,${encodeURIComponent(`
process.execve = () => {
  const loaded = process.moduleLoadList.filter((name) => name.startsWith('NativeModule '))
  const names = loaded.map((name) => name.replace('NativeModule ', ''))
  process.getBuiltinModule('fs').writeSync(1, JSON.stringify(names))
  process.exit()
}`)}`

function loadedBy(...words: string[]): string[] {
  const args = ['--import', tellsWhatIsLoaded, ...words]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

test('reuse exec loads no slow Node module that it does not need', needsLinux, () => {
  const loaded = loadedBy(command, 'exec', '--', 'true')
  assert.ok(loaded.includes('fs') && loaded.includes('path'))
  const plain = loadedBy('--eval', 'process.execve()')
  const more = loaded.filter((name) => !plain.includes(name))
  const slow = [
    'child_process',
    'net',
    'http',
    'crypto',
    'readline',
    'dns',
    'tty',
    'worker_threads',
  ]
  assert.deepEqual(
    more.filter((name) => slow.includes(name)),
    [],
  )
  // An option needs one of these modules, which shows that the list would contain it.
  const withAddress = loadedBy(command, 'exec', '--address', '127.0.0.1', '--', 'true')
  assert.ok(plain.includes('net') || withAddress.includes('net'))
})
