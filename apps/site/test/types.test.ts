import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { siteFolder } from '../src/places.js'
import { compilerOptions, snippets, writeFiles } from './snippets.js'

test('the components of the site pass the type check', () => {
  const project = path.join(siteFolder, 'tsconfig.theme.json')
  execFileSync(process.execPath, [
    path.join(siteFolder, 'node_modules/vue-tsc/bin/vue-tsc.js'),
    '-p',
    project,
  ])
})

test('the TypeScript files on the pages pass the type check', () => {
  const files = snippets.filter(({ name }) => name?.endsWith('.ts'))
  assert.ok(files.length >= 2)
  const paths = files.map(({ page, name = '' }) => path.join(writeFiles(page), name))
  const program = ts.createProgram(paths, compilerOptions)
  const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  assert.deepEqual(faults, [])
})
