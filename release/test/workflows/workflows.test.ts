import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { root } from '../../src/root.js'
import { checkWorkflow } from '../../src/workflows/check.js'
import { parseWorkflow, readWorkflows } from '../../src/workflows/workflow.js'

test('the workflows of this repository have no mistakes', async () => {
  const workflows = readWorkflows(path.join(root, '.github/workflows'))
  assert.ok(workflows.length >= 4)
  assert.deepEqual((await Promise.all(workflows.map(checkWorkflow))).flat(), [])
})

test('packages are published with provenance, and the release has SBOMs', () => {
  const workflows = readWorkflows(path.join(root, '.github/workflows'))
  const steps = workflows.flatMap(({ file, jobs }) =>
    jobs.flatMap(({ id, value, steps }) =>
      steps.map(({ run = '' }) => ({ place: `${file} ${id}`, value, run: String(run) })),
    ),
  )
  const published = steps.filter(({ run }) => /\bnpm publish\b/.test(run))
  assert.deepEqual(
    published.map(({ place }) => place),
    ['release.yml publish'],
  )
  assert.match(published[0]?.run ?? '', /npm publish .*--provenance/)
  assert.deepEqual(published[0]?.value.permissions, { 'id-token': 'write' })
  const released = steps.filter(({ run }) => run.includes('gh release create'))
  assert.equal(released.length, 1)
  assert.match(released[0]?.run ?? '', /packed\/\*\.tgz packed\/\*\.cdx\.json/)
})

const sha = '3d3c42e5aac5ba805825da76410c181273ba90b1'
const right = `name: example
on:
  push:
    branches: [main]
permissions: {}
concurrency:
  group: example
  cancel-in-progress: true
jobs:
  first:
    runs-on: \${{ matrix.system }}
    timeout-minutes: 5
    permissions:
      contents: read
    strategy:
      matrix:
        system: [ubuntu-24.04, windows-11-arm]
    outputs:
      answer: \${{ steps.answer.outputs.answer }}
    steps:
      - uses: actions/checkout@${sha} # v7.0.1
        with:
          persist-credentials: false
      - id: answer
        run: npm test
        env:
          TITLE: \${{ github.event.head_commit.message }}
  second:
    needs: first
    runs-on: macos-15
    timeout-minutes: 5
    permissions: {}
    steps:
      - run: node scripts/test.js
`

function check(file: string, text: string): Promise<string[]> {
  return checkWorkflow(parseWorkflow(file, text))
}

test('a correct workflow passes the check', async () => {
  assert.deepEqual(await check('example.yml', right), [])
})

/** What replaces `from`, and what must be reported about it. */
const mistakes: [title: string, from: string, to: string, said: RegExp][] = [
  ['an unknown key', 'branches:', 'brances:', /brances/],
  ['an unknown event', '  push:\n    branches: [main]', '  pusch:', /pusch/],
  ['an unknown job', 'needs: first', 'needs: frist', /frist/],
  ['an output of no known step', 'steps.answer.', 'steps.question.', /question/],
  [
    'an unknown matrix axis',
    `\${{ github.event.head`,
    `\${{ matrix.sytem }}\${{ github.event.head`,
    /sytem/,
  ],
  ['a job with write rights', 'contents: read', 'contents: write', /"contents: write"/],
  ['a job with an id-token', 'contents: read', 'id-token: write', /"id-token: write"/],
  ['an unpinned runner', 'runs-on: macos-15', 'runs-on: macos-latest', /"macos-latest" moves/],
  ['an unpinned matrix runner', 'windows-11-arm', 'windows-latest', /"windows-latest" moves/],
  ['a job with no timeout', '    timeout-minutes: 5\n', '', /job first must have timeout-minutes/],
  ['an unknown npm script', 'run: npm test', 'run: npm run tset', /no script "tset"/],
  [
    'a missing program file',
    'node scripts/test.js',
    'node scripts/tset.js',
    /there is no scripts\/tset\.js/,
  ],
  [
    'a missing source file',
    'node scripts/test.js',
    'node --test release/dist/src/tset.js',
    /there is no release\/src\/tset\.ts/,
  ],
]

for (const [title, from, to, said] of mistakes) {
  test(`a workflow is refused: ${title}`, async () => {
    assert.ok(right.includes(from))
    const found = await check(
      'example.yml',
      right.replace(from, () => to),
    )
    assert.match(found.join('\n'), said)
  })
}

test('whether a job may have an id-token depends on its name and its file', async () => {
  const text = right.replace('contents: read', 'id-token: write').replaceAll('first', 'publish')
  assert.deepEqual(await check('release.yml', text), [])
  assert.notDeepEqual(await check('ci.yml', text), [])
})

test('an input that a called workflow does not have is refused', async () => {
  const call = right.replace(
    /second:[\s\S]*/,
    () => `second:
    permissions:
      contents: read
    uses: ./.github/workflows/prebuild.yml
`,
  )
  assert.deepEqual(await check('example.yml', call), [])
  const found = await check('example.yml', `${call}    with:\n      speed: 1\n`)
  assert.match(found.join('\n'), /speed/)
})
