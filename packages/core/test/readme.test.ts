/** The lines of the README run as they stand there. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { codeBlocks, countAnswers, freePort, needs, startNode } from '@reuse/testkit'
import { until } from './listening.js'

test('three copies of the README program share a port', needs('balance', 'peers'), async (t) => {
  const [program] = codeBlocks(new URL('../../README.md', import.meta.url), 'js')
  assert.ok(program)
  const file = new URL('./readme-program.mjs', import.meta.url)
  fs.writeFileSync(file, program)

  const port = await freePort()
  const programs = [0, 1, 2].map(() => startNode(t, file, { env: { PORT: String(port) } }))
  for (const each of programs) {
    await until(() => each.output.includes(`process ${each.pid} listens on 127.0.0.1:${port}`))
  }

  const counts = await countAnswers({ port }, 200)

  const answers = programs.map(({ pid }) => `Hello from process ${pid}\n`)
  assert.deepEqual(new Set(counts.keys()), new Set(answers))
})
