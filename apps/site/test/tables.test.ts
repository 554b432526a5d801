/** The tables list every code that the source has, and no other. */
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

function readmeOf(packageName: string): string {
  return read(workspaceFolder, 'packages', packageName, 'README.md')
}

/** The members of a type that is a union of strings. */
function unionOf(file: string, type: string, sources = path.join(core, 'src')): string[] {
  const [, union = ''] =
    new RegExp(`^export type ${type} =\\n?((?:.*'.*\\n)+)`, 'm').exec(read(sources, file)) ?? []
  const members = [...union.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
  assert.ok(members.length > 1, `${type} of ${file}`)
  return members.sort()
}

/** What is in backticks in the first column of the tables on a page. */
function firstColumn(page: string): string[] {
  const text = expandReadmes(read(siteFolder, 'pages', page), readmeOf)
  const cells = [...text.matchAll(/^\| (.*?) +\| .*\|.*$/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

test('the error page lists exactly the error codes of core', () => {
  const told = firstColumn('errors.md').filter((name) => name.startsWith('ERR_REUSE_'))
  assert.deepEqual([...new Set(told)].sort(), unionOf('lib/errors.ts', 'ReuseErrorCode'))
})

test('the error page lists exactly the error codes of supervise()', () => {
  const told = firstColumn('errors.md').filter((name) => name.startsWith('ERR_SUPERVISE_'))
  const cli = path.join(workspaceFolder, 'packages/cli/src')
  assert.deepEqual(told.sort(), unionOf('supervise-error.ts', 'SuperviseErrorCode', cli))
})

test('the guide lists exactly the reasons that an explanation can give', () => {
  const told = firstColumn('guide/who.md').filter((name) => name !== 'reason') // The column's heading.
  assert.deepEqual(told.sort(), unionOf('inspect/explanation.ts', 'Reason'))
})

test('the guide lists every reason that a leave can give', () => {
  const told = firstColumn('guide/leaving.md')
  for (const reason of unionOf('group/departure.ts', 'LeaveReason'))
    assert.ok(told.includes(reason), reason)
})

test('the error page lists every warning code', () => {
  const page = expandReadmes(read(siteFolder, 'pages/errors.md'), readmeOf)
  const sources = ['inspect/foreign.ts', 'group/warn.ts'].map((file) => read(core, 'src', file))
  const codes = sources.flatMap((source) => source.match(/(?<!ERR_)REUSE_[A-Z_]+/g) ?? [])
  assert.ok(codes.length >= 3)
  for (const code of codes) assert.match(page, new RegExp(code))
})

/** The names in the first column below a heading. */
function toldBelow(heading: string): string[] {
  const page = read(siteFolder, 'pages/guide/config.md')
  const [, section = ''] = page.split(`\n## ${heading}`)
  const [text = ''] = section.split('\n## ')
  const cells = [...text.matchAll(/^\| (.*?) +\| .*\|$/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

test('the guide lists exactly the properties of the config file', () => {
  const schema = JSON.parse(read(workspaceFolder, 'packages/cli/reuse.config.schema.json'))
  const [several] = schema.anyOf
  assert.deepEqual(toldBelow('Properties'), Object.keys(several.properties.apps.items.properties))
})

test('the guide lists every property of PM2’s ecosystem file', () => {
  const known = JSON.parse(read(siteFolder, 'node_modules/pm2/lib/API/schema.json'))
  const names = Object.keys(known).map((name) => name.replace('^env_\\S*$', 'env_*'))
  assert.ok(names.length > 50)
  const told = toldBelow('From PM2')
  for (const name of [...names, 'deploy']) assert.ok(told.includes(name), name)
})

test('the platforms page has a row for each binary target', () => {
  const targets = read(workspaceFolder, 'release/src/targets.ts')
  const target = /\{ kind: '(\w+)', platform: '(\w+)', arch: '(\w+)'(?:, libc: '(\w+)')? \}/g
  const names = [...targets.matchAll(target)].map(([, kind, ...parts]) =>
    [...parts, kind === 'addon' ? '' : kind].filter(Boolean).join('-'),
  )
  assert.ok(names.length >= 10, `${names}`)
  const told = firstColumn('platforms.md').filter((name) => /^(linux|win32|darwin)-/.test(name))
  assert.deepEqual(told.sort(), names.sort())
})
