import type { TestContext } from 'node:test'
import { type Fixture, startFixture } from '@reuse/testkit'
import { writeFiles } from './snippets.js'
import { until } from './until.js'

/** Starts a program of a page, and waits until it says that it listens. */
export async function startProgram(
  t: TestContext,
  file: { page: string; name: string },
  port: number,
  through: string[] = [],
): Promise<Fixture> {
  const folder = writeFiles(file.page)
  const program = startFixture(t, [...through, process.execPath, file.name], {
    cwd: folder,
    env: { PORT: String(port) },
  })
  await says(program, /^process \d+ (listens|is bound|shares)/m)
  return program
}

/** Waits until a program has printed something like it. */
export async function says(program: Fixture, words: RegExp): Promise<void> {
  await until(() => {
    if (words.test(program.output)) return true
    if (!program.running) throw new Error(`it ended:\n${program.output}`)
    return false
  }, `${words}`)
}
