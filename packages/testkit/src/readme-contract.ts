import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { request } from './client.js'
import { type Fixture, startNode } from './fixture.js'
import { freePort } from './free-port.js'
import { patience } from './patience.js'
import { codeBlocks } from './readme.js'

/**
 * The first program in a package's README runs as it stands there, and two instances of it share the
 * port that the environment names. It prints a line when it listens, and answers with a text that has
 * its pid.
 *
 * @param root of the package
 * @param balances whether this system gives both instances connections
 */
export function readmeContract(root: URL, balances: boolean): void {
  const skip = !balances && 'this system does not balance'
  test('the program in the README runs, twice on one port', { skip }, async (t) => {
    const [program] = codeBlocks(new URL('README.md', root), 'js')
    assert.ok(program)
    // Inside the package, where its imports find the package itself and the framework.
    const file = new URL('dist/readme/app.mjs', root)
    mkdirSync(new URL('.', file), { recursive: true })
    writeFileSync(file, program)
    const port = await freePort()

    const programs = [0, 1].map(() => startNode(t, file, { env: { PORT: String(port) } }))

    const answered = new Set<Fixture>()
    const silent = new Set(programs)
    const deadline = AbortSignal.timeout(patience)
    while (silent.size > 0) {
      const outputs = programs.map(({ output }) => output).join('')
      assert.ok(!deadline.aborted, `${silent.size} of 2 did not answer:\n${outputs}`)
      const answer = await request({ port }).catch(() => setTimeout(20, '')) // Not listening yet.
      for (const one of silent) {
        if (answer.includes(String(one.pid))) answered.add(one)
        // It answers a little before it prints its line, and handles signals only from that line on.
        if (answered.has(one) && one.output !== '') silent.delete(one)
      }
    }
    for (const one of programs) assert.deepEqual(await one.end(), { code: 0, signal: null })
  })
}
