import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { codeBlocks } from '@reuse/testkit'

const text = `
# A title

\`\`\`js
first()

second()
\`\`\`

\`\`\`
no language
\`\`\`

\`inline\` and \`\`\`js not a block\`\`\`

\`\`\`sh
npm i
\`\`\`

\`\`\`js
third()
\`\`\`
`

test('codeBlocks() finds the blocks of a language, in order', (t) => {
  const file = write(t, text)

  assert.deepEqual(codeBlocks(file, 'js'), ['first()\n\nsecond()\n', 'third()\n'])
  assert.deepEqual(codeBlocks(file, 'sh'), ['npm i\n'])
  assert.deepEqual(codeBlocks(file, 'ts'), [])
})

function write(t: TestContext, content: string): URL {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'README.md')
  writeFileSync(file, content)
  return pathToFileURL(file)
}
