import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Fixture, findProgram, startFixture, until } from '@reuse/testkit'
import { compiledName, writeFiles } from './snippets.js'

/** The command `reuse`. */
export const command = fileURLToPath(new URL('main.js', import.meta.resolve('@reuse/cli')))

/** Why a test that needs these programs is skipped; `false` if they are installed. */
export function missing(...programs: string[]): string | false {
  const absent = programs.find((name) => findProgram(name) === undefined)
  return absent !== undefined && `no ${absent} on PATH`
}

/** Starts a program of a page, and waits until it says that it listens. */
export async function startProgram(
  t: TestContext,
  file: { page: string; name: string },
  port: number,
  through: string[] = [],
): Promise<Fixture> {
  const folder = writeFiles(file.page)
  const program = startFixture(t, [...through, process.execPath, compiledName(file.name)], {
    cwd: folder,
    env: { PORT: String(port) },
  })
  await says(program, /^process \d+ (listens|is bound|shares)/m)
  return program
}

/** Waits until a program has printed something that matches. */
export async function says(program: Fixture, words: RegExp): Promise<void> {
  await until(
    () => {
      if (words.test(program.output)) return true
      if (!program.running) throw new Error(`it ended:\n${program.output}`)
      return false
    },
    () => `nothing matches ${words}:\n${program.output}`,
  )
}
