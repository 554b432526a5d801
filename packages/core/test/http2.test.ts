/** A leave under HTTP/2: clients are told to go, and what they have sent is answered. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { needs } from '@reuse/testkit'
import { setReuse } from '../src/index.js'
import { listening } from './listening.js'
import { startGroup } from './programs.js'

/** A server in a group, and a client session that has reached it. */
async function meet(t: TestContext) {
  const { port } = await startGroup(t, 1)
  const server = http2.createServer()
  server.on('stream', (stream) => {
    stream.respond()
    setTimeout(() => stream.end('answer'), 50)
  })
  const member = setReuse(server, { leaveTimeout: 1000 })
  server.listen(port, '127.0.0.1')
  await listening(server)
  for (;;) {
    const session = http2.connect(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    await once(session, 'connect').catch(() => {})
    // The other program speaks HTTP/1 only: if settings come, they are from this server.
    const settings = once(session, 'remoteSettings', { signal: AbortSignal.timeout(500) })
    const isMet = await settings.then(
      () => true,
      () => false,
    )
    if (isMet) return { server, member, session }
    session.destroy()
  }
}

test(
  'a leave answers open HTTP/2 streams and sends the session a GOAWAY',
  needs('steering'),
  async (t) => {
    const { server, member, session } = await meet(t)
    const closed = once(server, 'close')
    const answer = text(session.request({ ':path': '/' }))
    const goaway = once(session, 'goaway')
    const report = await member.leave()
    const [code] = await goaway
    assert.equal(code, http2.constants.NGHTTP2_NO_ERROR)
    assert.equal(await answer, 'answer')
    assert.equal(report.lossless, true)
    await closed
  },
)

test(
  'close() passes over an HTTP/2 session that is destroyed but not closed',
  needs('holders'),
  async (t) => {
    const { server, session } = await meet(t)
    const closed = once(server, 'close')
    const [ofServer] = await new Promise<[http2.ServerHttp2Session]>((resolve) => {
      server.once(
        'stream',
        ({ session: found }) => found && resolve([found as http2.ServerHttp2Session]),
      )
      session.request({ ':path': '/' }).on('error', () => {})
    })
    ofServer.destroy()
    assert.doesNotThrow(() => server.close())
    session.destroy()
    await closed
  },
)
