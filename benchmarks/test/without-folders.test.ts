import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutFolders } from '../src/harness/without-folders.js'

test('absolute paths are shortened to their last part', () => {
  assert.equal(
    withoutFolders('/opt/node/bin/node /home/ann/app/server.js {"path":"/tmp/x-1/0.sock"} ended'),
    'node server.js {"path":"0.sock"} ended',
  )
})

test('text that is not a file path stays as it is', () => {
  for (const text of ['1,000 /s and 5 req/s', 'http://127.0.0.1:80/a/b', 'did not say "restart"']) {
    assert.equal(withoutFolders(text), text)
  }
})
