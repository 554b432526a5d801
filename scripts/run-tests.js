// Runs the tests of the package in this folder: `-- 2` two files beside each other.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runTestFiles } from './test-files.js'

const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
const files = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.resolve('dist/test', file))

const concurrency = Number(process.argv[2] ?? 1)
process.exitCode = await runTestFiles(name, files, { timeout: 180_000, concurrency })
