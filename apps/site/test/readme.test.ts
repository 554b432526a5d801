import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showFileNames } from '../src/file-names.js'
import { expandReadmes, packagesIn } from '../src/readme.js'

const readme = `# thing

\`\`\`js
# no heading
first()
\`\`\`

## API

### \`use(it)\`

See [steering](#steering) and [the source](src/it.ts).

#### Deeper

Deep.

### Other

## Limits

None.

MIT licence.
`
const expand = (page: string) => expandReadmes(page, () => readme)

test('a README section is included without its heading, and subheadings move up', () => {
  const page = expand('<!-- readme core: use( -->')
  assert.equal(
    page,
    'See [steering](/guide/steering) and [the source](https://github.com/reuse-js/reuse/blob/main/packages/core/src/it.ts).\n\n## Deeper\n\nDeep.',
  )
  assert.match(
    expand('<!-- readme core: API -->'),
    /^## `use\(it\)`\n[\s\S]*^### Deeper\n[\s\S]*^## Other$/m,
  )
})

test('the last section of a README ends before the licence', () => {
  assert.equal(expand('# Page\n\n<!-- readme core: Limits -->\n'), '# Page\n\nNone.\n')
})

test('a program of a README is included as it is, labelled with its package', () => {
  assert.equal(expand('<!-- readme core: program -->'), '```js [core]\n# no heading\nfirst()\n```')
})

test('including a README part that does not exist is an error', () => {
  assert.throws(() => expand('<!-- readme core: Nothing -->'), /README of core has no "Nothing"/)
})

test('packagesIn lists the packages whose READMEs a page includes', () => {
  assert.deepEqual(
    packagesIn('<!-- readme koa: A -->\n<!-- readme core: B -->\n<!-- readme koa: C -->'),
    ['koa', 'core'],
  )
})

test('a single code file shows its name, as files in a group do', () => {
  const file = '```js [a.mjs]\na()\n```'
  const group = `::: code-group\n\n${file}\n\n:::`
  const other = '```js\nb()\n```'
  assert.equal(showFileNames(`${file}\n\n${other}\n\n${group}`), `${group}\n\n${other}\n\n${group}`)
  const imported = '<<< @/a.service {ini} [a.service]'
  assert.equal(showFileNames(imported), `::: code-group\n\n${imported}\n\n:::`)
})
