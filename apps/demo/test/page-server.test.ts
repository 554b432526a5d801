import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import test, { type TestContext } from 'node:test'
import { createPage } from '../src/page.js'
import type { PageState } from '../src/page-state.js'
import { host, listenOnFree } from '../src/port.js'

const state: PageState = { groups: [], note: null, press: null }

async function startServer(t: TestContext) {
  const pressed: string[] = []
  const press = (program: string, action: string): number => {
    pressed.push(`${action} ${program}`)
    return 202
  }
  const server = createPage({ state: () => state, press })
  const port = await listenOnFree(server, 20_000)
  t.after(() => server.close().closeAllConnections())
  return { port, pressed }
}

async function send(port: number, method: string, path: string, headers = {}) {
  const request = http.request({ host, port, method, path, headers, agent: false }).end()
  const [response]: http.IncomingMessage[] = await once(request, 'response')
  assert.ok(response)
  response.destroy()
  return response
}

test('the page is served with a strict content security policy', async (t) => {
  const { port } = await startServer(t)
  for (const path of ['/', '/page.css', '/page.js', '/icon.svg']) {
    const { statusCode, headers } = await send(port, 'GET', path)
    assert.equal(statusCode, 200, path)
    assert.match(String(headers['content-security-policy']), /^default-src 'self';/)
  }
  assert.equal((await send(port, 'GET', '/../package.json')).statusCode, 404)
})

test('a button press is accepted only from the page’s own origin', async (t) => {
  const { port, pressed } = await startServer(t)
  const status = async (headers: http.OutgoingHttpHeaders, path = '/programs/koa/stop') =>
    (await send(port, 'POST', path, headers)).statusCode

  assert.equal(await status({}), 403, 'no origin')
  assert.equal(await status({ origin: 'http://elsewhere.example' }), 403, 'another site')
  assert.equal(await status({ origin: 'null' }), 403, 'a sandboxed frame')
  assert.equal(await status({ origin: `http://${host}:1` }), 403, 'another port')
  const rebound = `elsewhere.example:${port}`
  assert.equal(await status({ host: rebound, origin: `http://${rebound}` }), 403, 'rebound DNS')
  assert.deepEqual(pressed, [])

  for (const name of [`${host}:${port}`, `localhost:${port}`]) {
    assert.equal(await status({ host: name, origin: `http://${name}` }), 202)
  }
  assert.deepEqual(pressed, ['stop koa', 'stop koa'])
  assert.equal(await status({ origin: `http://${host}:${port}` }, '/programs/koa'), 404)
})

test('another site cannot read the state', async (t) => {
  const { port } = await startServer(t)
  const headers = { host: `elsewhere.example:${port}` }
  assert.equal((await send(port, 'GET', '/events', headers)).statusCode, 403)
})
