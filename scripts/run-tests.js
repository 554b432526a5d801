// Runs the tests of the package in this folder. `-- 3 600`: three files at a time, and each may take
// 600 seconds.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sameOnEveryNode } from './same-on-every-node.js'
import { runTestFiles } from './test-files.js'

const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
const all = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => file.replaceAll(path.sep, '/'))

const same = (sameOnEveryNode[name] ?? []).map((file) => `${file}.test.js`)
const missing = same.find((file) => !all.includes(file))
if (missing !== undefined) throw new Error(`${name} has no test file ${missing}`)
const files = process.env.TEST_BRIEF ? all.filter((file) => !same.includes(file)) : all

const [concurrency = 1, seconds = 180] = process.argv.slice(2).map(Number)
process.exitCode = await runTestFiles(
  name,
  files.map((file) => path.resolve('dist/test', file)),
  { timeout: seconds * 1000, concurrency },
)
