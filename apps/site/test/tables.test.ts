/** The tables tell of every code that the source has, and of no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { siteFolder, workspaceFolder } from '../src/places.js'
import { expandReadmes } from '../src/readme.js'

const core = path.join(workspaceFolder, 'packages/core')

function read(...file: string[]): string {
  return readFileSync(path.join(...file), 'utf8')
}

/** The members of a type that is a union of strings. */
function unionOf(file: string, type: string): string[] {
  const [, union = ''] =
    new RegExp(`^export type ${type} =\\n?((?:.*'.*\\n)+)`, 'm').exec(read(core, 'src', file)) ?? []
  const members = [...union.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
  assert.ok(members.length > 1, `${type} of ${file}`)
  return members.sort()
}

/** What stands in the first column of the tables on a page, in backticks. */
function firstColumn(page: string): string[] {
  const text = expandReadmes(read(siteFolder, 'pages', page), () => read(core, 'README.md'))
  const cells = [...text.matchAll(/^\| (.*?) +\| .*\|.*$/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

test('codes of errors', () => {
  const told = firstColumn('errors.md').filter((name) => name.startsWith('ERR_'))
  assert.deepEqual(told.sort(), unionOf('errors.ts', 'ReuseErrorCode'))
})

test('reasons of explanations', () => {
  const told = firstColumn('guide/who.md').filter((name) => name !== 'reason') // The column's head.
  assert.deepEqual(told.sort(), unionOf('explanation.ts', 'Reason'))
})

test('reasons of leaves', () => {
  const told = firstColumn('guide/leaving.md')
  for (const reason of unionOf('leave.ts', 'LeaveReason')) assert.ok(told.includes(reason), reason)
})

test('warnings', () => {
  const page = expandReadmes(read(siteFolder, 'pages/errors.md'), () => read(core, 'README.md'))
  const sources = ['foreign.ts', 'presence.ts', 'membership.ts'].map((file) =>
    read(core, 'src', file),
  )
  const codes = sources.flatMap((source) => source.match(/(?<!ERR_)REUSE_[A-Z_]+/g) ?? [])
  assert.ok(codes.length >= 3)
  for (const code of codes) assert.match(page, new RegExp(code))
})

test('binaries: a row for each target', () => {
  const targets = read(workspaceFolder, 'release/src/targets.ts')
  const rows = targets.matchAll(/\{ platform: '(\w+)', arch: '(\w+)'(?:, libc: '(\w+)')? \}/g)
  const names = [...rows].map(([, ...parts]) => parts.filter(Boolean).join('-'))
  assert.equal(names.length, 8)
  const told = firstColumn('platforms.md').filter((name) => /^(linux|win32|darwin)-/.test(name))
  assert.deepEqual(told.sort(), names.sort())
})
