// Runs the tests of the package in this folder.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runTestFiles } from './test-files.js'

const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
const files = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.resolve('dist/test', file))

process.exitCode = await runTestFiles(name, files, 180_000)
