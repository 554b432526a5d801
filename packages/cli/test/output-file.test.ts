/** The files with what workers print: followed, and kept short. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { LastLines } from '../src/supervisor/last-lines.js'
import { OutputFile, tailOf } from '../src/supervisor/output-file.js'
import { needsLinux } from './programs.js'

function open(t: TestContext): { file: OutputFile; lines: string[]; write(text: string): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-output-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  const lines: string[] = []
  const file = new OutputFile(path.join(folder, '1.stdout'), 'start', (line) => lines.push(line))
  return { file, lines, write: (text) => fs.appendFileSync(file.path, text) }
}

test('lines are read whole, in whatever parts they are written', needsLinux, (t) => {
  const { file, lines, write } = open(t)
  write('one\ntw')
  file.read()
  assert.deepEqual(lines, ['one'])
  write('o\n\nth')
  file.read()
  assert.deepEqual(lines, ['one', 'two', ''])
  const euro = Buffer.from('\u20ac\n')
  fs.appendFileSync(file.path, euro.subarray(0, 1))
  file.read()
  fs.appendFileSync(file.path, euro.subarray(1))
  file.read()
  assert.equal(lines.at(-1), 'th\u20ac')
  write('no end')
  file.close()
  assert.equal(lines.at(-1), 'no end')
})

test('a long file is truncated once it is read, and followed from its start', needsLinux, (t) => {
  const { file, lines, write } = open(t)
  const line = 'x'.repeat(1023)
  write(`${line}\n`.repeat(4095))
  while (file.read());
  assert.ok(fs.statSync(file.path).size > 0)
  write(`${line}\n`)
  while (file.read());
  assert.equal(fs.statSync(file.path).size, 0)
  assert.equal(lines.length, 4096)
  // The worker writes to the end of the file, wherever that is.
  fs.writeSync(file.descriptor, 'more\n')
  file.read()
  assert.equal(fs.statSync(file.path).size, 5)
  assert.equal(lines.at(-1), 'more')
  file.close()
})

test('a very long line without a newline is passed on in parts', needsLinux, (t) => {
  const { file, lines, write } = open(t)
  write('x'.repeat(200_000))
  while (file.read());
  file.close()
  assert.equal(lines.join('').length, 200_000)
  assert.ok(lines.length > 2 && lines.every(({ length }) => length <= 2 ** 17))
})

test('an output file that somebody else truncates is followed further', needsLinux, (t) => {
  const { file, lines, write } = open(t)
  write('before\n')
  file.read()
  fs.truncateSync(file.path)
  file.read()
  write('after\n')
  file.read()
  assert.deepEqual(lines, ['before', 'after'])
  file.close()
})

test('tailOf and LastLines return the last lines, within their limits', needsLinux, (t) => {
  const { file, write } = open(t)
  assert.deepEqual(tailOf(file.path, 3), [])
  write('a\nb\nc\nd')
  assert.deepEqual(tailOf(file.path, 3), ['b', 'c', 'd'])
  write(`\n${'x'.repeat(100_000)}\ne\n`)
  assert.deepEqual(tailOf(file.path, 3), ['e'])
  file.close()

  const last = new LastLines<{ text: string }>(3)
  for (const text of ['1', '2', '3', '4', '5', '6', '7', 'y'.repeat(3000)]) last.add({ text })
  assert.deepEqual(last.get(2), [{ text: '7' }, { text: 'y'.repeat(2000) }])
  assert.equal(last.get(10).length, 3)
  assert.deepEqual(last.get(0), [])
})
