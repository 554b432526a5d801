import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'

/** A registry that answers every request like this; npm is called in another process, because it blocks. */
async function ask(t: TestContext, status: number, body: object): Promise<string> {
  const server = http.createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)

  const registry = new URL('../../src/publish/registry.js', import.meta.url)
  const program = `const { isPublished } = await import('${registry}')
    console.log(isPublished('@reuse/core', '1.2.0'))`
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${address.port}/`,
    npm_config_fetch_retries: '0',
  }
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return stdout.trim()
}

function packument(...versions: string[]) {
  const [latest] = versions
  return {
    name: '@reuse/core',
    'dist-tags': { latest },
    versions: Object.fromEntries(
      versions.map((version) => [version, { name: '@reuse/core', version, dist: {} }]),
    ),
  }
}

test('isPublished is true for a version on npm, alone or among others', async (t) => {
  assert.equal(await ask(t, 200, packument('1.2.0')), 'true')
  assert.equal(await ask(t, 200, packument('1.3.0', '1.2.0')), 'true')
})

test('isPublished is false if npm has only another version of the package', async (t) => {
  assert.equal(await ask(t, 200, packument('1.1.0')), 'false')
})

test('isPublished is false for a package that npm does not have', async (t) => {
  assert.equal(await ask(t, 404, { error: 'not_found' }), 'false')
})

test('isPublished throws if the registry fails', async (t) => {
  await assert.rejects(ask(t, 500, {}), /npm could not look for @reuse\/core/)
})
