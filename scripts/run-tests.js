// Runs the tests of the package in this folder. `-- 2 600`: two files beside each other, and each may
// take 600 seconds.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runTestFiles } from './test-files.js'

const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
const files = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.resolve('dist/test', file))

const [concurrency = 1, seconds = 180] = process.argv.slice(2).map(Number)
process.exitCode = await runTestFiles(name, files, { timeout: seconds * 1000, concurrency })
