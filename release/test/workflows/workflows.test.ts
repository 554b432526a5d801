import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { root } from '../../src/root.js'
import { checkWorkflow } from '../../src/workflows/check.js'
import { parseWorkflow, readWorkflows } from '../../src/workflows/workflow.js'

test('nothing is wrong with the workflows of this repository', async () => {
  const workflows = readWorkflows(path.join(root, '.github/workflows'))
  assert.ok(workflows.length >= 4)
  assert.deepEqual((await Promise.all(workflows.map(checkWorkflow))).flat(), [])
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

test('a right workflow passes', async () => {
  assert.deepEqual(await check('example.yml', right), [])
})

/** What is put in the place of what, and what has to be said of it. */
const mistakes: [title: string, from: string, to: string, said: RegExp][] = [
  ['an unknown key', 'branches:', 'brances:', /brances/],
  ['an unknown event', '  push:\n    branches: [main]', '  pusch:', /pusch/],
  ['a job that is not there', 'needs: first', 'needs: frist', /frist/],
  ['an output of no step', 'steps.answer.', 'steps.question.', /question/],
  [
    'an axis that is not there',
    `\${{ github.event.head`,
    `\${{ matrix.sytem }}\${{ github.event.head`,
    /sytem/,
  ],
  ['no permissions on top', 'permissions: {}\nconcurrency', 'concurrency', /"permissions: \{\}"/],
  [
    'permissions on top',
    'permissions: {}\nconcurrency',
    'permissions: read-all\nconcurrency',
    /"permissions: \{\}"/,
  ],
  [
    'a job without permissions',
    '    permissions: {}\n',
    '',
    /job second must name its permissions/,
  ],
  [
    'a job that may all',
    '    permissions: {}\n',
    '    permissions: write-all\n',
    /job second must name/,
  ],
  ['a job that may write', 'contents: read', 'contents: write', /"contents: write"/],
  ['a job with an identity', 'contents: read', 'id-token: write', /"id-token: write"/],
  ['a job that reads more', 'contents: read', 'packages: read', /"packages: read"/],
  [
    'no group',
    'concurrency:\n  group: example\n  cancel-in-progress: true\n',
    '',
    /concurrency group/,
  ],
  ['no word on older runs', '  cancel-in-progress: true\n', '', /older run/],
  [
    'a runner that moves',
    'runs-on: macos-15',
    'runs-on: macos-latest',
    /"macos-latest" is none of/,
  ],
  ['one of an axis', 'windows-11-arm', 'windows-latest', /"windows-latest" is none of/],
  ['no limit of time', '    timeout-minutes: 5\n', '', /job first must have timeout-minutes/],
  ['a tag for a pin', `@${sha}`, '@v7', /must name a commit/],
  ['a short commit', sha, sha.slice(0, 7), /must name a commit/],
  ['a pin without its version', ' # v7.0.1', '', /must name a commit/],
  ['a pin with half a version', ' # v7.0.1', ' # v7', /must name a commit/],
  [
    'credentials that stay',
    'persist-credentials: false',
    'fetch-depth: 1',
    /persist-credentials: false/,
  ],
  [
    'a text in a script',
    'run: npm test',
    `run: npm test "\${{ github.event.head_commit.message }}"`,
    /through env/,
  ],
  [
    'what strangers may start',
    '  push:\n    branches: [main]',
    '  pull_request_target:',
    /"on: pull_request_target"/,
  ],
  [
    'a secret',
    'github.event.head_commit.message',
    'secrets.NPM_TOKEN',
    /no workflow may use a secret/,
  ],
  ['no such script', 'run: npm test', 'run: npm run tset', /no script "tset"/],
  [
    'no such program',
    'node scripts/test.js',
    'node scripts/tset.js',
    /there is no scripts\/tset\.js/,
  ],
  [
    'no such source',
    'node scripts/test.js',
    'node --test release/dist/src/tset.js',
    /there is no release\/src\/tset\.ts/,
  ],
]

for (const [title, from, to, said] of mistakes) {
  test(`refused: ${title}`, async () => {
    assert.ok(right.includes(from))
    const found = await check(
      'example.yml',
      right.replace(from, () => to),
    )
    assert.match(found.join('\n'), said)
  })
}

test('what a job may write is bound to its name and its file', async () => {
  const text = right.replace('contents: read', 'id-token: write').replaceAll('first', 'publish')
  assert.deepEqual(await check('release.yml', text), [])
  assert.notDeepEqual(await check('ci.yml', text), [])
})

test('a called workflow is read: an input that it does not have is refused', async () => {
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
